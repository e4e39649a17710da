import { z } from 'zod';
import { SettingsFile } from './settings.js';

/** The JSON Schema that editors check a repository's settings with; kept in docs/pullwright.schema.json. */
export function settingsSchema(): string {
  const schema = z.toJSONSchema(SettingsFile, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify({ title: 'Settings of Pullwright for a repository', ...schema }, null, 2)}\n`;
}
