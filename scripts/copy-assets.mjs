// tsc copies no SQL: the migrations go beside the compiled code that runs them.
import { cpSync } from 'node:fs';

cpSync('src/runs/migrations', 'dist/runs/migrations', { recursive: true });
