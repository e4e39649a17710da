// `npm run schema`: writes docs/pullwright.schema.json. Run it after a change to the settings that a
// repository can have.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { settingsSchema } from '../src/task/settings-schema.js';

writeFileSync(path.join(import.meta.dirname, '..', 'docs', 'pullwright.schema.json'), settingsSchema());
