// Writes docs/pullwright.schema.json anew, after a change to the settings: npm run schema
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { settingsSchema } from '../src/task/settings-schema.js';

writeFileSync(path.join(import.meta.dirname, '..', 'docs', 'pullwright.schema.json'), settingsSchema());
