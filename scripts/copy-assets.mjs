// tsc copies TypeScript only. Everything else under src (migrations, reporters for test runners) goes to the same place
// in dist.
import { cpSync, statSync } from 'node:fs';

cpSync('src', 'dist', {
  recursive: true,
  filter: (file) => (statSync(file).isDirectory() ? !file.endsWith('__pycache__') : !file.endsWith('.ts')),
});
