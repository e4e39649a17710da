import { describe, expect, test } from '@jest/globals';
import {
  checkLockfile,
  checkManifest,
  hasSamePackages,
  listSources,
  mergeManifest,
  readLockfile,
  readManifest,
} from '../../src/packages/cargo/cargo-manifest.js';
import { cargo } from '../../src/packages/cargo/cargo-packages.js';

const manifest = `[package]
name = "app" # mine
version = "0.1.0"
default-run = "tool"

[[bin]]
name = "tool"

[[bench]]
name = "speed"
path = "speed.rs"

[dependencies]
one = "1.0"
two = { version = "2", path = "../two", features = ["x"] }
local = { path = "local" }
other = { package = "three", version = "=3.0.0" }
shared.workspace = true

[dev-dependencies]
four = "4"

[target.'cfg(unix)'.dependencies]
one = "1.2"
`;
const registry = 'registry+https://github.com/rust-lang/crates.io-index';
const lockfile = (...sources: string[]) =>
  ['[[package]]\nname = "app"\nversion = "0.1.0"\n']
    .concat(sources.map((one) => `[[package]]\nname = "x"\nversion = "1.0.0"\nsource = "${one}"\n`))
    .join('\n');

describe('checkManifest', () => {
  test('accepts packages of the registry and folders of the repository', () => {
    expect(() => checkManifest('api/Cargo.toml', manifest, null)).not.toThrow();
  });

  test.each([
    ['a repository', '[dependencies]\nx = { git = "https://example.org/x" }', 'git = https://example.org/x'],
    ['a repository in a table', '[dependencies.x]\ngit = "ssh://x"\nrev = "1"', 'git = ssh://x'],
    ['a repository in another spelling', '[dependencies]\n"x".git = "\\u0061"', 'git = a'],
    ['a folder outside', '[dev-dependencies]\nx = { path = "../x" }', 'path = ../x'],
    [
      'an absolute path',
      '[build-dependencies]\nx = { version = "1", path = "/usr/share/x" }',
      'path = /usr/share/x',
    ],
    ['another registry', '[dependencies]\nx = { version = "1", registry = "y" }', 'registry = y'],
    [
      'the index of a registry',
      '[dependencies]\nx = { version = "1", registry-index = "http://x" }',
      'registry-index',
    ],
    ['a platform', '[target.x86_64-unknown-linux-gnu.dependencies]\nx = { git = "y" }', 'git = y'],
    ['a patch', '[patch.crates-io]\nx = { git = "y" }', 'git = y'],
    ['a replacement', '[replace]\n"x:1.0.0" = { path = "../y" }', 'path = ../y'],
    ['the workspace', '[workspace.dependencies]\nx = { git = "y" }', 'git = y'],
    ['a package with the name of free text', '[dependencies.metadata]\ngit = "y"', 'git = y'],
    ['a base of paths', '[dependencies]\nx = { base = "y", path = "z" }', 'base = y'],
  ])('refuses %s', (_, text, place) => {
    expect(() => checkManifest('Cargo.toml', text, '[dependencies]\na = "1"\n')).toThrow(
      `Cargo.toml asks for a package from ${place}`,
    );
    // What the base commit contains is not the change's.
    expect(() => checkManifest('Cargo.toml', `${text}\n[features]\na = []\n`, text)).not.toThrow();
  });

  test('refuses what is not TOML', () => {
    expect(() => checkManifest('Cargo.toml', 'x', null)).toThrow('Cargo.toml is not valid TOML');
    expect(() => checkManifest('Cargo.toml', `a = ${'['.repeat(100_000)}`, null)).toThrow('not valid TOML');
  });
});

test('checkLockfile accepts the registry and the sources of the base commit', () => {
  const git = 'git+https://example.org/x?rev=1#1';
  expect(() => checkLockfile('Cargo.lock', lockfile(registry), null)).not.toThrow();
  expect(() => checkLockfile('Cargo.lock', lockfile(git), lockfile(git))).not.toThrow();
  for (const bad of [git, 'registry+https://example.org/index', `${registry}/../x`])
    expect(() => checkLockfile('Cargo.lock', lockfile(registry, bad), lockfile(registry))).toThrow(
      `Cargo.lock takes a package from ${bad}, and only packages from the registry can be added.`,
    );
  expect(readLockfile(lockfile(registry))).toEqual([{ name: 'x', version: '1.0.0', source: null }]);
});

test('readManifest reads the packages of the registry', () => {
  expect(Object.fromEntries(readManifest(manifest))).toEqual({
    one: { range: '1.0 | 1.2', dev: false },
    two: { range: '2', dev: false },
    three: { range: '=3.0.0', dev: false },
    shared: { range: 'of the workspace', dev: false },
    four: { range: '4', dev: true },
  });
});

test('hasSamePackages compares only what leads to another lockfile', () => {
  expect(hasSamePackages(manifest, manifest.replace('# mine', '').replace('speed.rs', 'x.rs'))).toBe(true);
  for (const [from, to] of [
    ['"0.1.0"', '"0.2.0"'],
    ['one = "1.2"', 'one = "1.3"'],
    ['["x"]', '["y"]'],
  ] as const)
    expect(hasSamePackages(manifest, manifest.replace(from, to))).toBe(false);
});

test('listSources names the files that Cargo looks for', () => {
  expect(listSources('api/Cargo.toml', manifest)).toEqual(
    ['src/lib.rs', 'build.rs', 'src/bin/tool.rs', 'src/bin/tool.rs'].map((one) => `api/${one}`),
  );
  expect(listSources('Cargo.toml', '[[bin]]\nname = "../../x"\n[[test]]\nname = "/x"\n')).toEqual([
    'src/lib.rs',
    'build.rs',
  ]);
});

test('mergeManifest keeps what Cargo wrote, and of another change takes only the packages', () => {
  const added = manifest.replace('[dev-dependencies]', 'five = "5"\n\n[dev-dependencies]');
  expect(mergeManifest(manifest, added)).toBe(added);
  const merged = mergeManifest(manifest, added.replace('name = "tool"', 'name = "new"'));
  expect(merged).toContain('five = "5"');
  expect(merged).toContain('name = "tool"');
});

test.each([
  ['serde', true],
  ['serde_json@1.0', true],
  ['serde@>=1, <2', true],
  ['./serde', false],
  ['-serde', false],
  ['serde@1 --git=x', false],
  ['https://example.org/x', false],
])('isSpec of %s is %s', (text, is) => expect(cargo.isSpec(text)).toBe(is));
