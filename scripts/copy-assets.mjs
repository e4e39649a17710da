// tsc writes only compiled TypeScript to dist. This script copies all other files of src, such as migrations
// and reporters for test runners, to the same place in dist.
import { cpSync, statSync } from 'node:fs';

cpSync('src', 'dist', {
  recursive: true,
  filter: (file) => (statSync(file).isDirectory() ? !file.endsWith('__pycache__') : !file.endsWith('.ts')),
});
