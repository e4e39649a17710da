import { describe, expect, test } from '@jest/globals';
import { detectLicense } from '../../src/packages/go/detect-license.js';
import {
  checkGoMod,
  hasSameModules,
  listWithoutHash,
  readGoMod,
  readGoSum,
} from '../../src/packages/go/go-mod.js';
import { go } from '../../src/packages/go/go-packages.js';

const goMod = `module example.org/app // the app

go 1.22.1
toolchain go1.22.3

require "example.com/one" v1.0.0
require (
\texample.com/two/v2 v2.1.0-rc.1
\texample.com/three v0.0.0-20240101000000-0123456789ab // indirect; for two
)

replace (
\texample.com/one => ./lib
\texample.com/four v1.0.0 => example.com/fork v1.2.0+incompatible
)
exclude example.com/two/v2 v2.0.0
retract [v1.0.0, v1.1.0]
tool example.com/two/v2/cmd
`;

describe('checkGoMod', () => {
  test('accepts modules of the proxy and folders of the repository', () => {
    expect(() => checkGoMod('go.mod', goMod, null)).not.toThrow();
    expect(() => checkGoMod('api/go.mod', 'replace a.b/c => ../lib\n', null)).not.toThrow();
    expect(() => checkGoMod('go.work', 'go 1.22\n\nuse (\n\t.\n\t./api\n)\n', null)).not.toThrow();
  });

  test.each([
    ['a folder outside of the repository', 'replace a.b/c => ../lib'],
    ['a folder that only looks as if it was inside', 'replace a.b/c => ./lib/../../x'],
    ['an absolute path', 'replace a.b/c v1.0.0 => /usr/share/x'],
    ['a quoted path', 'replace a.b/c => "/usr/share/x"'],
    ['a path with an escape', 'replace a.b/c => "\\x2fusr"'],
    ['a path in a block', 'replace (\n\ta.b/c => ../x\n)'],
    ['a path in a block with a trick', 'replace (\n\t")"\n\tmodule => ../x\n)'],
    ['a block in a line', 'replace ( a.b/c => ../x )'],
    ['a URL', 'replace a.b/c => https://example.org/x v1.0.0'],
    ['a branch', 'require a.b/c main'],
    ['an unknown keyword', 'fetch a.b/c v1.0.0'],
    ['a workspace outside of the repository', 'use ../x'],
    ['two folders', 'use ./a"/../../x"'],
  ])('refuses %s', (_, line) => {
    expect(() => checkGoMod('go.mod', `module m\n${line}\n`, 'module m\n')).toThrow(
      /^go.mod contains `.*`, and only modules of the Go proxy and folders of the repository can be added\.$/,
    );
    // What the base commit contains is not the change's.
    expect(() => checkGoMod('go.mod', `module m\n${line}\n`, line)).not.toThrow();
  });

  test('takes no long time', () => {
    const start = Date.now();
    checkGoMod('go.mod', `module ${'"'.repeat(20_001)}${'a/"`'.repeat(20_000)}\u2028`, null);
    expect(Date.now() - start).toBeLessThan(2000);
  });
});

test('readGoMod reads what the module itself asks for', () => {
  expect(Object.fromEntries(readGoMod(goMod))).toEqual({
    'example.com/one': { range: 'v1.0.0 => ./lib', dev: false },
    'example.com/two/v2': { range: 'v2.1.0-rc.1', dev: false },
  });
});

test('hasSameModules ignores order, form and comments', () => {
  expect(
    hasSameModules('require a.b/c v1.0.0 // indirect', '\nrequire (\n\ta.b/c v1.0.0\n)\nretract v1.0.0'),
  ).toBe(true);
  expect(hasSameModules('require a.b/c v1.0.0', 'require a.b/c v1.0.1')).toBe(false);
});

test('readGoSum leaves out modules of which only the go.mod was read', () => {
  const text = 'a.b/c v1.0.0 h1:x=\na.b/c v1.0.0/go.mod h1:y=\na.b/d v1.0.0/go.mod h1:z=\n';
  expect(readGoSum(text)).toEqual([{ name: 'a.b/c', version: 'v1.0.0', source: null }]);
});

test('listWithoutHash finds what somebody wrote without Go', () => {
  const sums = 'example.com/two/v2 v2.1.0-rc.1 h1:x=\n';
  expect(listWithoutHash(goMod, sums)).toEqual([]);
  expect(listWithoutHash(goMod, '')).toEqual(['example.com/two/v2@v2.1.0-rc.1']);
  const fork = 'require a.b/c v1.0.0\nreplace a.b/c => a.b/fork v1.1.0\n';
  expect(listWithoutHash(fork, 'a.b/c v1.0.0 h1:x=\n')).toEqual(['a.b/c@v1.0.0']);
  expect(listWithoutHash(fork, 'a.b/fork v1.1.0 h1:x=\n')).toEqual([]);
});

test.each([
  ['golang.org/x/text@v0.14.0', true],
  ['gopkg.in/yaml.v3', true],
  ['github.com/BurntSushi/toml@latest', true],
  ['go@1.99', false],
  ['toolchain@go1.22.1', false],
  ['./x', false],
  ['-x.y/z', false],
  ['example.com/../x', false],
  ['example.com/x@$(id)', false],
])('isSpec of %s is %s', (text, is) => expect(go.isSpec(text)).toBe(is));

test('the project uses the Go that the base commit asks for', async () => {
  const tree = (text: string) => ({ files: new Set(['go.mod']), readFile: async () => text });
  const open = async (base: string) =>
    (await go.openProject(tree(base), tree('go 1.99.0\n'), 'go.mod'))?.environment.BASE_TOOLCHAIN;
  expect(await open('go 1.22.1\ntoolchain go1.22.3\n')).toBe('go1.22.3');
  expect(await open('go 1.24.0\n')).toBe('go1.24.0');
  expect(await open('go 1.17\n')).toBe('local');
  expect(await open('go 1.22.1\ntoolchain default\n')).toBe('local');
});

test('detectLicense names known licenses', () => {
  const bsd = 'Redistribution and use in source and binary\nforms, with or without';
  expect(detectLicense('Apache License\n   Version 2.0, January 2004')).toBe('Apache-2.0');
  expect(detectLicense(bsd)).toBe('BSD-2-Clause');
  expect(detectLicense(`${bsd}\nNeither the name of`)).toBe('BSD-3-Clause');
  expect(detectLicense('All rights reserved')).toBeNull();
});
