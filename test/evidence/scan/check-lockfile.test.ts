import { describe, expect, test } from '@jest/globals';
import { checkLockfile } from '../../../src/evidence/scan/check-lockfile.js';

/** @returns what is missing and from which lockfile; null if nothing is missing */
async function check(
  manifest: string,
  [before, after]: [string | null, string],
  files: Record<string, string>,
): Promise<string | null> {
  const findings = await checkLockfile(manifest, before, after, async (file) => files[file] ?? null);
  expect(findings.length).toBeLessThan(2);
  return findings[0]?.says ?? null;
}

describe('a dependency that a change adds to a manifest', () => {
  test.each<[string, string, [string, string], string, string, string, string]>([
    [
      'composer',
      'composer.json',
      ['{}', JSON.stringify({ require: { php: '>=8', 'ext-json': '*', 'Monolog/Monolog': '^3' } })],
      'composer.lock',
      '{"packages": []}',
      '{"packages": [{"name": "monolog/monolog"}]}',
      'Monolog/Monolog',
    ],
    [
      'go',
      'go.mod',
      [
        'module x\n\nrequire a.org/b v1.0.0\n',
        'module x\n\nrequire a.org/b v1.0.0\nrequire (\n\tc.org/d v1.2.0 // indirect\n\te.org/f v1.0.0\n)\nreplace e.org/f => ../f\n',
      ],
      'go.sum',
      'c.org/dd v1.2.0 h1:x\n',
      'c.org/d v1.2.0/go.mod h1:x\n',
      'c.org/d',
    ],
    [
      'cargo',
      'Cargo.toml',
      [
        '[dependencies]\nserde = "1"\n',
        '[dependencies]\nserde = { version = "1", features = [\n  "derive",\n] }\nshort = { package = "long-name", version = "1" }\n\n[workspace.dependencies]\nother = "1"\n\n[profile.release]\nlto = true\n',
      ],
      'Cargo.lock',
      '[[package]]\nname = "short"\n',
      '[[package]]\nname = "long_name"\n',
      'long-name',
    ],
    [
      'cargo, as a table',
      'Cargo.toml',
      ['[package]\n', '[package]\n[target.\'cfg(unix)\'.dev-dependencies.libc]\nversion = "1"\n'],
      'Cargo.lock',
      'name = "x"\n',
      'name = "libc"\n',
      'libc',
    ],
    [
      'poetry',
      'pyproject.toml',
      [
        '[tool.poetry.dependencies]\npython = "^3"\n',
        '[tool.poetry.dependencies]\npython = "^3.12"\nzope_interface = "*"\n',
      ],
      'poetry.lock',
      '[[package]]\nname = "zope-event"\n',
      '[[package]]\nname = "zope.interface"\n',
      'zope_interface',
    ],
    [
      'uv',
      'pyproject.toml',
      [
        '[project]\ndependencies = ["a"]\n',
        '[project]\ndependencies = [\n  # "commented",\n  "a", # don\'t\n  "uvicorn[standard]>=0.1; python_version < \'3.9\'",\n]\n[build-system]\ndependencies = ["no"]\n',
      ],
      'uv.lock',
      'name = "a"\n',
      'name = "a"\nname = "uvicorn"\n',
      'uvicorn',
    ],
    [
      'bundler',
      'Gemfile',
      ["gem 'a'\n", "gem 'a'\n# gem 'no'\ngroup :test do\n  gem \"rspec-its\", '~> 1'\nend\n"],
      'Gemfile.lock',
      'DEPENDENCIES\n  a\n  rspec-itself\n',
      'DEPENDENCIES\n  a\n  rspec-its (~> 1)\n',
      'rspec-its',
    ],
  ])('must be in the lockfile: %s', async (_, manifest, texts, lockfile, stale, fresh, name) => {
    const says = `requires packages that are not in ${lockfile}: ${name}`;
    expect(await check(manifest, texts, { [lockfile]: stale })).toBe(says);
    expect(await check(manifest, texts, { [lockfile]: fresh })).toBeNull();
    expect(await check(`sub/${manifest}`, texts, { [lockfile]: stale })).toBeNull();
    expect(await check(`sub/${manifest}`, texts, { [`sub/${lockfile}`]: stale })).toBe(says);
    // Without a change of the dependencies, the lockfile does not matter.
    expect(await check(manifest, [texts[1], texts[1]], { [lockfile]: stale })).toBeNull();
  });

  test('needs to be in only one of several lockfiles', async () => {
    const texts: [string, string] = ['', '[project]\ndependencies = ["b"]\n'];
    const files = { 'uv.lock': 'name = "b"\n', 'poetry.lock': '' };
    expect(await check('pyproject.toml', texts, files)).toBeNull();
    expect(await check('pyproject.toml', texts, { ...files, 'uv.lock': '' })).toBe(
      'requires packages that are not in poetry.lock or uv.lock: b',
    );
  });

  test('cannot be found in a manifest that is no valid text', async () => {
    for (const text of [
      '',
      '[',
      'null',
      '\0',
      `${'a'.repeat(300_000)}\n`,
      `${'\n'.repeat(300_000)}x`,
      `${'['.repeat(300_000)}`,
    ])
      for (const manifest of [
        'package.json',
        'composer.json',
        'go.mod',
        'Cargo.toml',
        'pyproject.toml',
        'Gemfile',
      ])
        expect(await check(manifest, [null, text], { 'composer.lock': text, 'go.sum': text })).toBeNull();
  });
});
