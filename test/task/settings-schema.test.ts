import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { parseSettings } from '../../src/task/settings.js';
import { settingsSchema } from '../../src/task/settings-schema.js';

interface FieldSchema {
  description?: string;
  default?: unknown;
  properties?: Record<string, FieldSchema>;
}

const docs = path.join(import.meta.dirname, '..', '..', 'docs');
const configuration = readFileSync(path.join(docs, 'configuration.md'), 'utf8');
const schema: FieldSchema = JSON.parse(settingsSchema());
const accepts = new Ajv({ strict: false, validateFormats: false }).compile(schema);

test('docs/pullwright.schema.json is up to date (`npm run schema` writes it)', () => {
  expect(readFileSync(path.join(docs, 'pullwright.schema.json'), 'utf8')).toBe(settingsSchema());
});

test('editors and Pullwright accept the example of docs/configuration.md', () => {
  const [, example = ''] = /```yaml\n(labels:.*?)```/s.exec(configuration) ?? [];
  expect(accepts(parse(example))).toBe(true);
  expect(parseSettings(example)).toMatchObject({ settings: { labels: { api: 'backend-developer' } } });
});

test('editors refuse wrong types and unknown fields', () => {
  expect(accepts({ timeouts: { test: 10 } })).toBe(false);
  expect(accepts({ tests: 'npm test' })).toBe(false);
});

test('editors show a description of every field', () => {
  const missing = listFields(schema).filter(([, { description }]) => !description);
  expect(missing.map(([name]) => name)).toEqual([]);
});

test('docs/configuration.md has one row for each field, with its default, and no other', () => {
  const section =
    configuration.split('\n## ').find((part) => part.startsWith('Settings of a repository')) ?? '';
  const rows = [...section.matchAll(/^\| `([\w.]+)` \| (.*?) \|/gm)].map(([, name, cell]) => [name, cell]);
  const fields = listFields(schema);
  expect(rows.map(([name]) => name).sort()).toEqual(fields.map(([name]) => name).sort());
  const defaults = new Map(rows as [string, string][]);
  for (const [name, field] of fields) {
    const isNone = field.default === undefined || JSON.stringify(field.default).length === 2;
    if (!isNone) expect([name, defaults.get(name)]).toEqual([name, `\`${field.default}\``]);
  }
});

/** The fields that take a value, with their paths. */
function listFields({ properties = {} }: FieldSchema, parents: string[] = []): [string, FieldSchema][] {
  return Object.entries(properties).flatMap(([name, field]) =>
    field.properties ? listFields(field, [...parents, name]) : [[[...parents, name].join('.'), field]],
  );
}
