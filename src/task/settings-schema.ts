import { z } from 'zod';
import { SettingsFile } from './settings.js';

/** The JSON Schema for `.github/pullwright.yml`, by which editors check it: docs/pullwright.schema.json. */
export function settingsSchema(): string {
  const schema = z.toJSONSchema(SettingsFile, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify({ title: "A repository's settings for Pullwright", ...schema }, null, 2)}\n`;
}
