import { describe, expect, test } from '@jest/globals';
import {
  hasSameRequirements,
  listChangedEntries,
  listChangedNames,
  listPins,
  makeLockfileSafe,
  makeManifestSafe,
  mergeLockfile,
  mergeManifest,
  readRequirements,
} from '../../src/packages/php/composer-files.js';
import { json } from './use-registry.js';

const base = {
  name: 'acme/app',
  require: { php: '>=8.1', 'acme/whisper': '^1.0', 'acme/fork': 'dev-main#0a1b' },
  repositories: [{ type: 'vcs', url: 'https://example.org/fork' }],
  config: { 'sort-packages': true, platform: { php: '8.1' } },
};
const withRequire = (more: object) => json({ ...base, require: { ...base.require, ...more } });
const file = 'composer.json';

describe('makeManifestSafe', () => {
  test('leaves out scripts and settings of the change', () => {
    const change = {
      ...base,
      scripts: { 'post-install-cmd': 'curl example.org' },
      require: { ...base.require, 'acme/shout': '^2.0 || 3.*@dev', 'acme/branch': 'dev-feature/x as 1.0' },
      config: { 'vendor-dir': '/tmp', 'secure-http': false, platform: { php: '8.2' } },
      extra: { a: [1] },
    };
    const { scripts: _, ...rest } = change;
    expect(JSON.parse(makeManifestSafe(file, json(change), json(base)) ?? '')).toEqual({
      ...rest,
      config: { 'sort-packages': true, platform: { php: '8.2' } },
    });
    expect(makeManifestSafe(file, '[', json(base))).toBeNull();
  });

  test.each([
    ['a commit', { 'acme/shout': 'dev-main#0a1b' }],
    ['another commit', { 'acme/fork': 'dev-main#0a1c' }],
    ['a URL', { 'acme/shout': 'https://example.org/x.zip' }],
    ['a name that is an option', { '--working-dir=/': '1' }],
    ['a name that is a URL', { 'https://example.org/x': '1' }],
    ['a version that is no text', { 'acme/shout': { a: 1 } }],
  ])('refuses %s', (_, more) => {
    expect(() => makeManifestSafe(file, withRequire(more), json(base))).toThrow(
      /^composer.json asks for .*, and only/,
    );
  });

  test('refuses other repositories', () => {
    for (const repositories of [undefined, [], [...base.repositories, { type: 'path', url: '..' }]])
      expect(() => makeManifestSafe(file, json({ ...base, repositories }), json(base))).toThrow(
        'composer.json changes `repositories`',
      );
    expect(() => makeManifestSafe(file, json(base), null)).toThrow('composer.json changes `repositories`');
  });
});

test('requirements are compared by what they ask for', () => {
  expect(
    Object.fromEntries(readRequirements(json({ ...base, 'require-dev': { 'Acme/Test': '1' } }))),
  ).toEqual({
    'acme/whisper': { range: '^1.0', dev: false },
    'acme/fork': { range: 'dev-main#0a1b', dev: false },
    'acme/test': { range: '1', dev: true },
  });
  expect(hasSameRequirements(json(base), json({ ...base, name: 'x', scripts: { a: 'b' } }))).toBe(true);
  expect(hasSameRequirements(json(base), withRequire({ php: '>=8.2' }))).toBe(false);
  expect(hasSameRequirements(json(base), json({ ...base, config: {} }))).toBe(false);
  expect(
    listChangedNames(json(base), withRequire({ 'acme/whisper': '^2.0', 'acme/new': '1', php: '9' })),
  ).toEqual(['acme/whisper', 'acme/new']);
});

describe('mergeManifest', () => {
  const text = '{\r\n\t"keywords": ["a", "b"],\r\n\t"require": {\r\n\t\t"php": ">=8"\r\n\t}\r\n}\r\n';

  test('keeps what the agent has written', () => {
    const written = json({ require: { php: '>=8', 'acme/a': '^1' }, 'require-dev': { 'acme/b': '^2' } });
    expect(mergeManifest(text, written)).toBe(
      '{\r\n\t"keywords": ["a", "b"],\r\n\t"require": {\r\n\t\t"php": ">=8",\r\n\t\t"acme/a": "^1"\r\n\t},\r\n\t"require-dev": {\r\n\t\t"acme/b": "^2"\r\n\t}\r\n}\r\n',
    );
    expect(mergeManifest(text, json({ require: { php: '>=8' } }))).toBe(text);
  });

  test('writes the file anew if it has another form', () => {
    for (const one of ['{}', '{"require":{"x/y":"1"}}', '{"a":{"require":{}}}\n'])
      expect(JSON.parse(mergeManifest(one, json({ require: { 'acme/a': '1' } })))).toMatchObject({
        require: { 'acme/a': '1' },
      });
  });
});

const dist = (url: string) => ({ dist: { type: 'zip', url, reference: '0a1b' } });
const whisper = { name: 'acme/whisper', version: '1.0.0', ...dist('https://example.org/whisper') };
const shout = { name: 'acme/shout', version: '2.0.0', ...dist('https://example.org/shout') };
const evil = { ...shout, ...dist('https://example.org/evil') };
const lock = (...packages: object[]) =>
  json({ 'content-hash': 'x', packages, 'packages-dev': [], aliases: [] });

describe('a lockfile', () => {
  test('is used only with packages that the base has in the same form', () => {
    const safe = makeLockfileSafe('composer.lock', lock(whisper, evil), lock(whisper, shout)) ?? '';
    expect(JSON.parse(safe)).toEqual(JSON.parse(lock(whisper)));
    expect(listChangedEntries(lock(whisper, evil), lock(whisper, shout))).toEqual(['acme/shout']);
    const names = new Set(['acme/shout', 'acme/whisper']);
    const commit = { ...whisper, version: 'dev-main#0a1b' };
    expect(listPins(lock(commit, evil), names)).toEqual(['acme/shout:2.0.0']);
    const mirrored = { ...whisper, 'transport-options': { ssl: { verify_peer: false } } };
    expect(
      JSON.parse(makeLockfileSafe('composer.lock', lock(mirrored), lock(whisper)) ?? '').packages,
    ).toEqual([]);
    expect(makeLockfileSafe('composer.lock', lock(evil), null)).toBeNull();
    expect(() => makeLockfileSafe('composer.lock', '{"packages":{"0":{}}}', lock())).toThrow(
      'composer.lock is not a lockfile that can be checked.',
    );
  });

  test('is refused if Composer finds a package elsewhere, and kept if it contains the same', () => {
    const text = lock(whisper, shout).replaceAll('  ', '\t');
    expect(mergeLockfile('composer.lock', text, lock(whisper, shout))).toBe(text);
    expect(mergeLockfile('composer.lock', lock(whisper), lock(whisper, shout))).toBe(lock(whisper, shout));
    expect(() => mergeLockfile('composer.lock', lock(whisper, evil), lock(whisper, shout))).toThrow(
      /^composer.lock takes acme\/shout 2.0.0 from another place than the registry: .*evil/,
    );
  });
});
