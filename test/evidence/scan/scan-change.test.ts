import { describe, expect, test } from '@jest/globals';
import { type ScannedChange, scanChange } from '../../../src/evidence/scan/scan-change.js';
import type { Change } from '../../../src/workspace/workspace.js';

const active = 'the-active-secret-of-this-test';

function added(path: string, content = 'text', more: Partial<Change> = {}): Change & { content: string } {
  return {
    path,
    content,
    status: 'added',
    oldMode: '000000',
    newMode: '100644',
    blob: path,
    oldBlob: null,
    size: content.length,
    added: 1,
    deleted: 0,
    ...more,
  };
}

async function scan(
  changes: (Change & { content: string })[],
  more: Partial<ScannedChange> = {},
  protectedPaths: string[] = [],
) {
  const contentOf = (name: string) => changes.find(({ path }) => path === name)?.content ?? '{"scripts":{}}';
  const change: ScannedChange = {
    changes,
    omitted: { nestedRepositories: [], refusedPaths: [], tooLarge: [], filters: new Map() },
    basePaths: ['README.md'],
    ignoredFiles: [],
    unsureFiles: [],
    isOnBase: async () => false,
    readFile: async () => null,
    readBlob: async (blob) => Buffer.from(contentOf(blob)),
    addedLines: async (file) =>
      contentOf(file)
        .split('\n')
        .map((text, index) => ({ line: index + 10, text })),
    texts: [],
    ...more,
  };
  const rules = { activeSecrets: [active], allowedPaths: [], allowedPlaces: [], protectedPaths };
  return (await scanChange(change, rules)).map(({ severity, rule, path, line }) =>
    [severity, rule, path, line].filter(Boolean).join(' '),
  );
}

describe('scanChange', () => {
  test('finds nothing in an ordinary change', async () => {
    expect(await scan([added('src/a.ts', 'export const a = 1;')])).toEqual([]);
  });

  test('names the line of a credential, never its value', async () => {
    expect(await scan([added('a.ts', `one\nconst key = "${active}"`)])).toEqual(['block secret a.ts 11']);
  });

  test('names the line of each of several credentials', async () => {
    const line = `const key = "${active}"`;
    expect(await scan([added('a.ts', `${line}\n\none\n${line} // ${active}\n${line}`)])).toEqual(
      [10, 13, 13, 14].map((number) => `block secret a.ts ${number}`),
    );
  });

  test('finds an active secret in a binary file and in a file name', async () => {
    expect(await scan([added('a.bin', `\0${active}`, { added: null })])).toEqual(['block secret a.bin']);
    expect(await scan([added(`${active}.txt`)])).toEqual(['block secret (a file name)']);
  });

  test('finds an active secret in the agent’s texts, and names which', async () => {
    const texts = [{ place: "(the pull request's title)", text: `Add ${active}` }];
    expect(await scan([added('a.ts')], { texts })).toEqual(["block secret (the pull request's title)"]);
  });

  test('finds an active secret as the target of a link', async () => {
    expect(await scan([added('l', active, { newMode: '120000' })])).toEqual(['block secret l 10']);
  });

  test.each([
    ['a workflow', added('.github/workflows/ci.yml'), 'block workflow'],
    ['a workflow by another case', added('.GitHub/Workflows/ci.yml'), 'block workflow'],
    ['a protected path', added('infra/main.tf'), 'block protected-path'],
    ['a large file', added('a.zip', 'x', { size: 6_000_000 }), 'block size'],
    ['a submodule', added('sub', '', { newMode: '160000', blob: null }), 'block submodule'],
    ['an absolute link', added('l', '/etc/passwd', { newMode: '120000' }), 'block escaping-link'],
    ['a link that climbs out', added('a/l', '../../x', { newMode: '120000' }), 'block escaping-link'],
    [
      'a link that climbs out through another link',
      added('l', 'a/b/../../../x', { newMode: '120000' }),
      'block escaping-link',
    ],
    ['a link into .git', added('l', '.git/config', { newMode: '120000' }), 'block escaping-link'],
    ['a look-alike of .git', added('.g\u200cit/config'), 'block odd-name'],
    ['a short name of .git', added('GIT~1/config'), 'block odd-name'],
    ['a name like an option', added('-rf'), 'block odd-name'],
    ['a name with a newline', added('a\nb'), 'block odd-name'],
    ['a name that differs by case only', added('readme.MD'), 'block odd-name'],
    ['code owners', added('.github/CODEOWNERS'), 'mark sensitive-file'],
    ['attributes', added('sub/.gitattributes'), 'mark sensitive-file'],
    ['the settings of a test runner', added('api/jest.config.ts'), 'mark test-runner'],
    ['a test command', added('package.json', '{"scripts":{"test":"true"}}'), 'mark test-runner'],
    [
      'a test that could forge results',
      added('a.test.js', 'write("/tmp/pullwright-reports/x")'),
      'mark test-runner',
    ],
    [
      'an install script',
      added('package.json', '{"scripts":{"postinstall":"x"}}', { status: 'modified', oldBlob: 'old' }),
      'mark install-script',
    ],
  ])('finds %s', async (_, change, expected) => {
    const found = await scan([change], {}, ['infra/**']);
    expect(found.map((finding) => finding.split(' ').slice(0, 2).join(' '))).toContain(expected);
  });

  test.each([
    '.GIT/hooks',
    'git~1/config',
    '.git./config',
    '.g\u200cit/config',
    'sub/.git/config',
    '..\\..\\etc\\passwd',
    'C:/Windows',
  ])('blocks a link to %s', async (target) => {
    const found = await scan([added('l', target, { newMode: '120000' })]);
    expect(found).toEqual(['block escaping-link l']);
  });

  test.each([
    'aux.c',
    'src/con',
    'LPT1.txt',
    'a:b',
    '.gitmodules::$DATA',
    'gitmod~1',
    'a\u3164b',
    'a\u2028b',
    'a\u00a0b',
    'a\ufe0fb',
    'a\u034fb',
    'caf\uFFFD.txt',
  ])('blocks the name %j', async (name) => {
    expect((await scan([added(name)])).map((one) => one.slice(0, 14))).toEqual(['block odd-name']);
  });

  test('accepts ordinary names', async () => {
    const names = [
      'src/auxiliary.c',
      'console.ts',
      'Company.cs',
      'docs/Größe.md',
      'a b.txt',
      '.github/README.md',
    ];
    expect(await scan(names.map((name) => added(name)))).toEqual([]);
  });

  test.each<[string, string[], string[], string[]]>([
    ['a link and a folder', ['a', 'A/hooks/x'], [], ['block odd-name A/hooks/x']],
    ['a folder and a link of the base', ['A/hooks/x'], ['a'], ['block odd-name A/hooks/x']],
    ['a folder and one of the base', ['Src/a.ts'], ['src/b.ts'], ['mark odd-name Src/a.ts']],
    ['folders of two Unicode forms', ['o\u0308/a'], ['\u00f6/b'], ['mark odd-name o\u0308/a']],
    ['two folders that the base has already', ['Src/c.ts', 'src/d.ts'], ['Src/a.ts', 'src/b.ts'], []],
  ])('finds names that differ only by case or Unicode form: %s', async (_, names, basePaths, expected) => {
    const changes = names.map((name) => added(name, 'b', name === 'a' ? { newMode: '120000' } : {}));
    expect(await scan(changes, { basePaths })).toEqual(expected);
  });

  test('blocks a link where workflows are read from', async () => {
    const changes = [added('.github', 'gh', { newMode: '120000' }), added('gh/workflows/x.yml')];
    expect(await scan(changes)).toEqual(['block workflow .github']);
  });

  test.each([
    'binding.gyp',
    '.pnpmfile.cjs',
    '.yarn/releases/yarn.cjs',
    '.husky/pre-commit',
    'setup.py',
    'build.rs',
    'ext/extconf.rb',
    '.devcontainer/devcontainer.json',
    '.vscode/tasks.json',
    '.envrc',
    '.cargo/config',
    '.cargo/config.toml',
    '.mvn/extensions.xml',
    'gradlew',
    'gradle/wrapper/gradle-wrapper.properties',
    '.pre-commit-config.yaml',
    '.github/dependabot.yml',
    '.gitlab-ci.yaml',
    'appveyor.yml',
    '.drone.yml',
    '.buildkite/pipeline.yml',
    'docker-compose.yml',
    '.lfsconfig',
  ])('marks %s', async (name) => {
    expect(await scan([added(name)])).toContain(`mark sensitive-file ${name}`);
  });

  test.each([
    ...['preprepare', 'postprepare', 'dependencies', 'pnpm:devPreinstall'].map(
      (script) => ['package.json', script] as const,
    ),
    ['composer.json', 'post-install-cmd'] as const,
  ])('marks in %s a change to the script %s', async (name, script) => {
    const content = JSON.stringify({ scripts: { [script]: 'x' } });
    expect(await scan([added(name, content)])).toEqual([`mark install-script ${name}`]);
  });

  test('accepts a link inside of the repository', async () => {
    expect(await scan([added('a/b/l', '../../c/d', { newMode: '120000' })])).toEqual([]);
  });

  test('blocks a change with files that a checkpoint could not take in', async () => {
    const omitted = {
      nestedRepositories: ['vendor/x'],
      refusedPaths: ['.GIT/config'],
      tooLarge: [],
      filters: new Map(),
    };
    expect(await scan([], { omitted })).toEqual([
      'block nested-repository vendor/x',
      'block odd-name .GIT/config',
    ]);
  });

  test('blocks a change that is too large as a whole', async () => {
    const large = Array.from({ length: 5 }, (_, index) => added(`${index}.txt`, 'x', { size: 4_500_000 }));
    expect(await scan(large)).toEqual(['block size (the whole change)']);
    const many = Array.from({ length: 1001 }, (_, index) => added(`${index}.txt`, '', { blob: null }));
    expect(await scan(many)).toEqual(['block size (the whole change)']);
  });
});
