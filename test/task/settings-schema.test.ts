import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { settingsSchema } from '../../src/task/settings-schema.js';

test('the schema for editors is the one of the settings; else: npm run schema', () => {
  const file = path.join(import.meta.dirname, '..', '..', 'docs', 'pullwright.schema.json');
  expect(readFileSync(file, 'utf8')).toBe(settingsSchema());
});

test('it takes what the documentation shows, and refuses what the product refuses', () => {
  const accepts = new Ajv({ strict: false, validateFormats: false }).compile(JSON.parse(settingsSchema()));
  expect(accepts({ labels: { api: 'backend-developer' }, setup: [], timeouts: { test: '10m' } })).toBe(true);
  expect(accepts({ timeouts: { test: 10 } })).toBe(false);
  expect(accepts({ tests: 'npm test' })).toBe(false);
});
