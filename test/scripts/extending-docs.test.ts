import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const root = path.join(import.meta.dirname, '..', '..');

/** Removes comments and everything that formatters write differently: spaces, quotes, commas at line ends. */
const normalize = (code: string) =>
  code
    .replace(/\/\*.*?\*\/|^\s*\/\/[^\n]*$/gms, '')
    .replaceAll('"', "'")
    .replace(/[,;]?\s+|[,;](?=[)}\]]|$)/g, '');

const source = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => normalize(readFileSync(path.join(root, 'src', file), 'utf8')))
  .join('\n');
const document = readFileSync(path.join(root, 'docs', 'extending.md'), 'utf8');
const lines = [...document.matchAll(/^```ts\n(.*?)^```/gms)]
  .flatMap(([, excerpt = '']) => excerpt.replace(/\/\*.*?\*\//gs, '').split('\n'))
  .filter((line) => normalize(line) !== '');

test('docs/extending.md has excerpts', () => {
  expect(lines.length).toBeGreaterThan(80);
});

test.each(lines)('the line `%s` of an excerpt in docs/extending.md is in the sources', (line) => {
  const parts = normalize(line).split('…');
  expect(source).toMatch(
    new RegExp(parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.*')),
  );
});
