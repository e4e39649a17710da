// tsc copies TypeScript only: the migrations, and what test runners load, go beside the compiled code that uses them.
import { cpSync } from 'node:fs';

cpSync('src/runs/migrations', 'dist/runs/migrations', { recursive: true });
cpSync('src/checks/reporters', 'dist/checks/reporters', { recursive: true });
