import { z } from 'zod';
import { SettingsFile } from './settings.js';

/**
 * Returns the JSON Schema of `.github/pullwright.yml`. Editors use the published copy,
 * docs/pullwright.schema.json, to check that file.
 */
export function settingsSchema(): string {
  const schema = z.toJSONSchema(SettingsFile, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify({ title: "A repository's settings for Pullwright", ...schema }, null, 2)}\n`;
}
