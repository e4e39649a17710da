import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { environment } from '../../src/config/environment.js';
import { engineVariables } from '../../src/config/read-config.js';
import { listSettings } from '../../src/config/setting.js';

const text = readFileSync(path.join(import.meta.dirname, '..', '..', 'docs', 'configuration.md'), 'utf8');
/** Variable -> the cell that says its default. */
const documented = [...text.matchAll(/^\| `([A-Z_]+)` \| (.*?) \|/gm)].map(
  ([, variable = '', cell = '']) => [variable, cell] as const,
);
const defaults = new Map(documented);
const settings = listSettings(environment);
const names = settings.map(({ variable }) => variable);

test('docs/configuration.md has one row for each environment variable, and no other', () => {
  expect(documented.map(([variable]) => variable).sort()).toEqual([...names].sort());
});

test('each variable is named once in the schema', () => {
  expect(names.length).toBe(new Set(names).size);
});

test.each(settings)('docs/configuration.md states the default of $variable', (setting) => {
  const cell = defaults.get(setting.variable);
  const isRequired = setting.whenUnset === undefined && !setting.schema.safeParse(undefined).success;
  if (isRequired) expect(cell).toBe('required');
  else if (typeof setting.whenUnset === 'string' && setting.whenUnset !== '')
    expect(cell).toBe(`\`${setting.whenUnset}\``);
  else expect(cell).toMatch(/^(?!required$)\S/);
});

test('docs/configuration.md names no variable that Pullwright does not read', () => {
  const known = new Set<string>([...names, ...engineVariables]);
  const named = [...text.matchAll(/(?<![\w-])[A-Z]+(?:_[A-Z]+)+\b/g)].map(([variable]) => variable);
  expect(named.filter((variable) => !known.has(variable))).toEqual([]);
});
