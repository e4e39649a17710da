// tsc copies TypeScript only: the migrations, and what test runners load, go beside the compiled code that uses them.
import { cpSync } from 'node:fs';

cpSync('src/database/connection/migrations', 'dist/database/connection/migrations', { recursive: true });
cpSync('src/evidence/reporters', 'dist/evidence/reporters', { recursive: true });
