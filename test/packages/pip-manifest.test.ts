import { describe, expect, test } from '@jest/globals';
import {
  hasSameRequirements,
  makeRequirementsSafe,
  mergeRequirements,
  readRequirements,
} from '../../src/packages/python/pip-manifest.js';
import { python as pip } from '../../src/packages/python/python-packages.js';
import { describeUnsupported } from '../../src/packages/unsupported.js';

const hash = `sha256:${'a'.repeat(64)}`;
const file = 'requirements.txt';

function openTree(texts: Record<string, string>) {
  return { files: new Set(Object.keys(texts)), readFile: async (file: string) => texts[file] ?? null };
}

describe('makeSafe', () => {
  test('accepts names, versions, extras, conditions, hashes and files of the repository', () => {
    const text = [
      '\uFEFF# tools',
      'Shout',
      'shout==2.0.0  # loud',
      'shout[big, red] >= 2, < 3; python_version < "3.9" and sys_platform == "win32"',
      `shout==2.0.0 \\\r\n    --hash=${hash} \\\r\n    --hash=${hash}\r\n    # via whisper`,
      '-r dev-requirements.txt',
      '-c requirements/constraints.txt',
      '',
    ].join('\n');
    expect(makeRequirementsSafe(file, text, null)).toBe(text);
    expect(makeRequirementsSafe('requirements/dev.txt', '-r base.txt\n-r ../requirements.txt', null)).toBe(
      '-r base.txt\n-r ../requirements.txt',
    );
  });

  test.each([
    ['an index', '--index-url http://localhost:1/'],
    ['an index, in short', '-i http://localhost:1/'],
    ['a shortened option', '--extra http://localhost:1/'],
    ['another index', '--extra-index-url=http://localhost:1/'],
    ['links', '--find-links ./wheels'],
    ['a host', '--trusted-host localhost'],
    ['no index', '--no-index'],
    ['source code', '--no-binary :all:'],
    ['an option after a name', 'shout --no-binary shout'],
    ['an option after a condition', 'shout ; python_version > "3" --no-binary=shout'],
    ['an option after a hash', `shout==2 --hash=${hash} --pre`],
    ['settings of a build', 'shout --config-settings=x=y'],
    ['a file outside of the repository', '-r ../requirements.txt'],
    ['an absolute path', '-r /etc/requirements.txt'],
    ['a file from the network', '-r http://localhost:1/requirements.txt'],
    ['a file that is not checked', '-r notes.txt'],
    ['two files in a line', '-r requirements.txt -r http://localhost:1/x'],
    ['an editable package', '-e .'],
    ['an editable repository', '--editable=git+https://example.org/x.git'],
    ['a folder', './local'],
    ['a parent folder', '..'],
    ['an archive', 'shout-2.0.0.tar.gz'],
    ['a URL', 'https://example.org/shout-2.0.0-py3-none-any.whl'],
    ['a named URL', 'shout @ https://example.org/shout-2.0.0-py3-none-any.whl'],
    ['a repository', 'git+https://example.org/shout.git'],
    ['a named repository', 'shout@git+ssh://example.org/shout.git'],
    ['a variable', `shout==${'$'}{VERSION}`],
    ['a line that only Python splits', 'shout # loud\u2028--index-url http://localhost:1/'],
    ['a form feed', 'shout # loud\f-i http://localhost:1/'],
    ['a continued comment', '# loud \\\n-i http://localhost:1/'],
    ['a continued option', '--index\\\n-url http://localhost:1/'],
    ['a URL as a version', 'shout===https://example.org/x'],
    ['a very long line', `shout==${'1'.repeat(30_000)}`],
    ['an encoding', '# coding: utf-7\nshout'],
  ])('refuses %s', (_, text) => {
    expect(() => makeRequirementsSafe(file, text, 'shout==1.0.0\n')).toThrow(
      /^requirements.txt (?:contains|names)/,
    );
    // What the base commit contains is not the change's.
    expect(makeRequirementsSafe(file, `${text}\nwhisper`, `# x\n${text}`.slice(4))).toContain('whisper');
  });

  test('says which line is refused', () => {
    expect(() => makeRequirementsSafe(file, 'a\n-i http://x/ # y\n', null)).toThrow(
      'requirements.txt contains `-i http://x/`, and only names and versions of packages in the registry can be added.',
    );
  });
});

test('readRequirements reads names, versions and conditions', () => {
  const text = 'Shout_It==2.0.0 # x\nwhisper>=1, <2\nplain\na==1; python_version<"3"\na==2\n-r x.txt\n-e .\n';
  expect(Object.fromEntries(readRequirements(file, text))).toEqual({
    'shout-it': { range: '2.0.0', dev: false },
    whisper: { range: '>=1,<2', dev: false },
    plain: { range: '*', dev: false },
    a: { range: '1; python_version<"3" | 2', dev: false },
  });
  for (const dev of [
    'requirements-dev.txt',
    'dev-requirements.txt',
    'requirements/test.txt',
    'requirements/docs.txt',
  ])
    expect(readRequirements(dev, 'a').get('a')?.dev).toBe(true);
  expect(readRequirements('requirements/base.txt', 'a').get('a')?.dev).toBe(false);
});

test('hasSameRequirements ignores comments and order', () => {
  expect(hasSameRequirements('a==1\nb # x\n', '# y\r\nb\r\na==1')).toBe(true);
  expect(hasSameRequirements('a==1\n', 'a==2\n')).toBe(false);
  expect(hasSameRequirements('a==1\n', `a==1 --hash=${hash}\n`)).toBe(false);
});

describe('mergeRequirements', () => {
  test.each([
    ['at its place in a sorted file', 'a==1\n\nc==3 # x\n', 'b==2', 'a==1\nb==2\n\nc==3 # x\n'],
    ['at the end of a sorted file', 'a==1\nb==1\n', 'c==2', 'a==1\nb==1\nc==2\n'],
    ['before the first package', '# tools\nb==1\nc==1\n', 'a==2', '# tools\na==2\nb==1\nc==1\n'],
    ['at the end of an unsorted file', 'c==1\na==1\n\n', 'b==2', 'c==1\na==1\nb==2\n\n'],
    ['without a line end at the end', 'c==1\na==1', 'b==2', 'c==1\na==1\nb==2'],
    ['with the line ends of the file', 'c==1\r\na==1\r\n', 'b==2', 'c==1\r\na==1\r\nb==2\r\n'],
    ['into an empty file', '', 'b==2', 'b==2\n'],
    ['after a line that would continue', 'c==1\na==1 \\\n', 'b==2', 'c==1\na==1 \\\n\nb==2\n'],
    [
      'after the comments of the package above',
      'a==1\n    # via x\nc==1\n',
      'b==2',
      'a==1\n    # via x\nb==2\nc==1\n',
    ],
    [
      'with options kept',
      '-i http://x/\n-r base.txt\na==1 ; os_name=="nt"\n',
      'b==2',
      '-i http://x/\n-r base.txt\na==1 ; os_name=="nt"\nb==2\n',
    ],
  ])('adds a package %s', (_, text, written, expected) => {
    expect(mergeRequirements(text, `${written}\n`)).toBe(expected);
    expect(mergeRequirements(expected, `${written}\n`)).toBe(expected);
  });

  test.each([
    ['its comment', 'a==1\nB_b>=1  # why\nc\n', 'b-b==2', 'a==1\nb-b==2  # why\nc\n'],
    ['its condition', 'b==1; os_name == "nt"\r\n', 'b==2', 'b==2 ; os_name == "nt"\r\n'],
    [
      'the place of its hashes',
      `b==1 \\\n  --hash=${hash}\n    # via x\n`,
      `b==2 --hash=${hash} --hash=${hash}`,
      `b==2 \\\n    --hash=${hash} \\\n    --hash=${hash}\n    # via x\n`,
    ],
  ])('replaces a version and keeps %s', (_, text, written, expected) => {
    expect(mergeRequirements(text, written)).toBe(expected);
  });

  test('puts the packages that a change adds into the manifest of the base', () => {
    expect(mergeRequirements('a==1\nc==1\n', '# mine\na==1\nb[x]==2\nc==1\n')).toBe('a==1\nb[x]==2\nc==1\n');
  });
});

describe('the ecosystem of pip', () => {
  test('takes names, extras and versions as requests', () => {
    for (const good of ['shout', 'shout==2.0.0', 'Shout_it[big,red]>=2,<3', 'shout~=2.0'])
      expect(pip.isSpec(good)).toBe(true);
    for (const bad of [
      '',
      ' shout',
      'shout ',
      'shout@2',
      './shout',
      '-e',
      '--pre',
      'shout;x',
      'a b',
      'shout#x',
      'shout @ https://x',
      'git+https://x',
      `a==${'1'.repeat(400)}`,
      'shout\n--pre',
    ])
      expect(pip.isSpec(bad)).toBe(false);
    expect(pip.nameIn('Shout_it[big]==2')).toBe('shout-it');
  });

  test('finds the manifest at the root', () => {
    const find = (files: string[], dev: boolean) => pip.findRootManifest(new Set(files), dev);
    expect(find(['requirements.txt', 'requirements-dev.txt'], false)).toBe('requirements.txt');
    expect(find(['requirements.txt', 'requirements-dev.txt'], true)).toBe('requirements-dev.txt');
    expect(find(['requirements.txt'], true)).toBe('requirements.txt');
    expect(find(['requirements/base.txt', 'requirements/dev.txt'], false)).toBe('requirements/base.txt');
    expect(find(['requirements.txt', 'poetry.lock'], false)).toBeNull();
    expect(find(['docs/requirements.txt'], false)).toBeNull();
  });
});

test.each([
  ['a lockfile of another package manager', { 'uv.lock': '', 'requirements.txt': 'a==1\n' }, false],
  ['a repository as a source', { 'requirements.txt': 'x @ git+https://example.org/x.git\n' }, false],
  ['an editable repository', { 'requirements/dev.txt': '-e git+https://example.org/x.git\n' }, false],
  ['its own package and an index', { 'requirements.txt': '-i https://example.org/\n-e .\na==1\n' }, true],
])('with %s, says whether a change can be measured with its packages', async (_, files, isSupported) => {
  const trees = { base: openTree(files), change: openTree({ ...files, 'requirements.txt': 'b==1\n' }) };
  const notes = await describeUnsupported([{ path: 'requirements.txt' }, { path: 'app.py' }], trees);
  expect(notes).toEqual(
    isSupported ? [] : [expect.stringMatching(/^This change edits requirements\.txt\. .*the base commit\.$/)],
  );
});

test('downloads the packages of changed files and of the files that include them', async () => {
  const files = {
    'requirements.txt': 'a==1\n',
    'requirements/dev.txt': '-r ../requirements.txt\n',
    'requirements/all.txt': '-r dev.txt\n-c constraints.txt\n',
    'requirements/constraints.txt': 'b==1\n',
    'requirements/docs.txt': '-c constraints.txt\nc\n',
    'other-requirements.txt': 'd\n',
  };
  const open = async (changes: Record<string, string>, path: string) => {
    const project = await pip.openProject(openTree(files), openTree({ ...files, ...changes }), path);
    const { files: found } = JSON.parse(project?.install.args[0] ?? '') as { files: string[] };
    return found;
  };
  expect(await open({ 'requirements.txt': 'a==2\n' }, 'requirements.txt')).toEqual([
    'requirements.txt',
    'requirements/all.txt',
    'requirements/dev.txt',
  ]);
  expect(await open({ 'requirements/constraints.txt': '' }, 'requirements/constraints.txt')).toEqual([
    'requirements/all.txt',
    'requirements/docs.txt',
  ]);
});
