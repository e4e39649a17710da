import { describe, expect, test } from '@jest/globals';
import { checkPythonLockfile, readPythonLockfile } from '../../src/packages/python/lockfiles.js';
import { makePyprojectSafe, mergeProject, readProject } from '../../src/packages/python/pyproject.js';
import { python } from '../../src/packages/python/python-packages.js';
import { describeUnsupported } from '../../src/packages/unsupported.js';

const file = 'pyproject.toml';

describe('makePyprojectSafe', () => {
  test('keeps what packages are chosen from, and nothing that a package manager would run', () => {
    const text = `[project]
name = "app"
readme = "README.md"
dependencies = ["shout>=2", "whisper (>=1,<2) ; python_version < '3.13'"]
[build-system]
requires = ["evil"]
build-backend = "backend"
backend-path = ["."]
[dependency-groups]
dev = ["shout[big]", { include-group = "test" }]
[tool.poetry]
requires-plugins = { evil = "1" }
dependencies = { python = "^3.9", whisper = { version = "^1 || ^2", extras = ["x"], optional = true } }
build = "build.py"
[tool.uv]
dev-dependencies = ["whisper"]
[tool.hatch]
build = 1
`;
    expect(makePyprojectSafe(file, text, null)).toBe(`[project]
name = "app"
dependencies = [ "shout>=2", "whisper (>=1,<2) ; python_version < '3.13'" ]

[dependency-groups]
dev = [ "shout[big]", { include-group = "test" } ]

[build-system]
requires = []

[tool.poetry.dependencies]
python = "^3.9"

[tool.poetry.dependencies.whisper]
version = "^1 || ^2"
extras = [ "x" ]
optional = true

[tool.uv]
dev-dependencies = [ "whisper" ]
`);
  });

  test.each([
    ['a URL', '[project]\ndependencies = ["x @ https://example.org/x.whl"]'],
    ['a repository', '[project.optional-dependencies]\ndev = ["x @ git+https://example.org/x"]'],
    ['a folder', '[dependency-groups]\ndev = ["./x"]'],
    ['an option', '[project]\ndependencies = ["x --index-url=http://localhost:1/"]'],
    ['an unknown item', '[dependency-groups]\ndev = [{ include-file = "x" }]'],
    ['a URL of uv', '[tool.uv]\noverride-dependencies = ["x @ https://example.org/x.whl"]'],
    ['a repository of Poetry', '[tool.poetry.dependencies]\nx = { git = "https://example.org/x.git" }'],
    ['a URL of Poetry', '[tool.poetry.group.dev.dependencies]\nx = { version = "1", url = "https://x/x" }'],
    ['a folder of Poetry', '[tool.poetry.dev-dependencies]\nx = [{ path = "../x" }]'],
    ['a version that is an address', '[tool.poetry.dependencies]\nx = "git+https://example.org/x"'],
    ['a name that is an address', '[tool.poetry.dependencies]\n"x @ https://example.org/x" = "1"'],
  ])('refuses %s', (_, text) => {
    expect(() => makePyprojectSafe(file, text, null)).toThrow(/^pyproject.toml contains `.*registry can be/);
    // What the base commit contains is not the change's.
    expect(makePyprojectSafe(file, `version = "1"\n${text}`, text)).toContain('x');
  });

  test.each([
    ['a source of Poetry', '[[tool.poetry.source]]\nname = "x"\nurl = "http://localhost:1/"'],
    ['an index of uv', '[[tool.uv.index]]\nurl = "http://localhost:1/"'],
    ['a source of uv', '[tool.uv.sources]\nx = { git = "https://example.org/x" }'],
    ['links of uv', '[tool.uv]\nfind-links = ["http://localhost:1/"]'],
    ['a build of uv', '[tool.uv]\nno-build = false'],
  ])('refuses to change %s', (_, text) => {
    expect(() => makePyprojectSafe(file, text, null)).toThrow(/^pyproject.toml changes settings in \[tool\./);
    expect(() => makePyprojectSafe(file, '', text)).toThrow(/^pyproject.toml changes settings in \[tool\./);
    expect(() => makePyprojectSafe(file, text, text)).not.toThrow();
  });

  test('shows the package manager nothing of what is not TOML', () => {
    expect(makePyprojectSafe(file, '[project]\nx = \n', null)).not.toContain('x');
    expect(() => checkPythonLockfile('uv.lock', '[package]\nx = \n', null)).toThrow(
      'uv.lock is not valid TOML (line 2)',
    );
  });
});

test('readProject reads names and ranges', () => {
  const text = `[project]
dependencies = ["a>=1", "2b==3"]
optional-dependencies = { test = ["d"], fast = ["e"] }
[dependency-groups]
dev = ["Big_C; os_name=='x'", "a>=1"]
[tool.poetry.dependencies]
python = "^3"
f = ["1", { version = "2" }]
`;
  expect(Object.fromEntries(readProject(text))).toEqual({
    a: { range: '>=1', dev: false },
    '2b': { range: '==3', dev: false },
    d: { range: '*', dev: true },
    e: { range: '*', dev: false },
    'big-c': { range: "*; os_name=='x'", dev: true },
    f: { range: '1 | 2', dev: false },
  });
});

const list = (items: string) => `[project]\nname = "app"\ndependencies = [${items}]\n\n# x\n[tool.x]\n`;

test.each([
  ['to a list in one line', list('"a", "b"'), list('"a", "b", "shout>=2"')],
  ['to an empty list', list(''), list('"shout>=2"')],
  [
    'to a list with comments',
    list('\n    "a",  # [why]\n    "b"  # "too"\n'),
    list('\n    "a",  # [why]\n    "b",  # "too"\n    "shout>=2",\n'),
  ],
  [
    'with the line ends of the file',
    list('\n "a",\n # last\n').replaceAll('\n', '\r\n'),
    list('\n "a",\n # last\n "shout>=2",\n').replaceAll('\n', '\r\n'),
  ],
  ['in place of an older one', list('"Shout[x]==1", "b"'), list('"shout>=2", "b"')],
  ['without a list', '[project]\n# x\n[tool.x]\n', '[project]\ndependencies = ["shout>=2"]\n# x\n[tool.x]\n'],
])('mergeProject adds a requirement %s', (_, text, expected) => {
  expect(mergeProject(text, '[project]\ndependencies = ["shout>=2"]\n')).toBe(expected);
  expect(mergeProject(expected, '[project]\ndependencies = ["shout>=2"]\n')).toBe(expected);
});

test('mergeProject adds keys and tables of Poetry', () => {
  const text = '[tool.poetry.dependencies]\nA_a = "1" # why\n\n[tool.x]';
  const written =
    '[tool.poetry.dependencies]\na-a = "^2"\nb = { version = "1", extras = ["x"] }\n[tool.poetry.group.dev.dependencies]\nc = "^3"\n';
  expect(mergeProject(text, written)).toBe(
    '[tool.poetry.dependencies]\nA_a = "^2" # why\nb = { version = "1", extras = ["x"] }\n\n[tool.x]\n\n[tool.poetry.group.dev.dependencies]\nc = "^3"\n',
  );
});

test.each([
  'project = { dependencies = ["a"] }\n',
  '[project]\ndependencies = ["shout==1; os_name == \'a\'", "shout==2"]\n',
  '[project]\ndependencies = [ # none\n]\n',
])('mergeProject refuses what it cannot edit', (text) => {
  expect(() => mergeProject(text, '[project]\ndependencies = ["shout>=2"]\n')).toThrow(
    'pyproject.toml cannot be edited at project.dependencies',
  );
});

test('mergeProject adds a limited number of requirements', () => {
  const many = Array.from({ length: 101 }, (_, index) => `"a${index}"`).join(', ');
  expect(mergeProject(list(many), list(`${many}, "b"`))).toBe(list(`${many}, "b"`));
  expect(() => mergeProject(list(''), list(many))).toThrow('pyproject.toml is too large to be edited.');
});

test('mergeProject changes no prototype', () => {
  const written =
    '[tool.poetry.group.__proto__.dependencies]\nx = "1"\n[dependency-groups]\n__proto__ = ["x"]\n';
  expect(mergeProject('', written)).toContain('[tool.poetry.group.__proto__.dependencies]\nx = "1"\n');
  expect(Object.keys(Object.prototype)).toEqual([]);
});

const uvLock = (source: string, files = '') =>
  `version = 1\n\n[[package]]\nname = "shout"\nversion = "2.0.0"\nsource = ${source}\n${files}`;
const poetryLock = (source: string) =>
  `[[package]]\nname = "shout"\nversion = "2.0.0"\n\n${source && `[package.source]\n${source}`}`;
const wheels = (url: string) => `wheels = [{ url = "${url}", hash = "sha256:1" }]\n`;
const registry = '{ registry = "https://pypi.org/simple" }';
const wheel = 'https://files.pythonhosted.org/packages/aa/shout-2.0.0-py3-none-any.whl';

describe('lockfiles', () => {
  test.each([
    ['uv.lock', uvLock(registry, wheels(wheel))],
    ['uv.lock', uvLock('{ editable = "." }')],
    ['uv.lock', uvLock('{ virtual = "packages/shout" }')],
    ['poetry.lock', poetryLock('')],
  ])('%s may take packages from the registry and from the repository', (path, text) => {
    expect(() => checkPythonLockfile(path, text, null)).not.toThrow();
  });

  test.each([
    ['another index', 'uv.lock', uvLock('{ registry = "https://example.org/simple" }')],
    ['a repository', 'uv.lock', uvLock('{ git = "https://example.org/x" }')],
    ['a folder outside', 'uv.lock', uvLock('{ editable = "x/../../y" }')],
    ['another server', 'uv.lock', uvLock(registry, wheels('https://example.org/shout-2.0.0.whl'))],
    ['another package', 'uv.lock', uvLock(registry, wheels(wheel.replace('shout-', 'other-')))],
    ['another index', 'poetry.lock', poetryLock('type = "legacy"\nurl = "https://example.org/simple"\n')],
    ['a repository', 'poetry.lock', poetryLock('type = "git"\nurl = "https://example.org/x"\n')],
    ['a file', 'poetry.lock', poetryLock('type = "file"\nurl = "x.whl"\n')],
  ])('refuses %s in %s', (_, path, text) => {
    expect(() => checkPythonLockfile(path, text, null)).toThrow(`${path} takes a package from `);
  });

  test('an index of the base commit may be used', () => {
    const text = poetryLock('type = "legacy"\nurl = "https://example.org/simple"\n');
    expect(() => checkPythonLockfile('poetry.lock', text.replace('2.0.0', '2.0.1'), text)).not.toThrow();
    expect(readPythonLockfile(text)).toEqual([
      { name: 'shout', version: '2.0.0', source: 'https://example.org/simple' },
    ]);
    expect(readPythonLockfile(uvLock('{ editable = "." }'))).toEqual([]);
  });
});

function openTree(texts: Record<string, string>) {
  return { files: new Set(Object.keys(texts)), readFile: async (one: string) => texts[one] ?? null };
}

const project = '[project]\nname = "app"\ndependencies = []\n';

test.each([
  ['pip', { [file]: project }, file, 'pip at '],
  ['a lockfile of Poetry', { [file]: '', 'poetry.lock': '' }, file, 'poetry at '],
  ['a lockfile of uv', { [file]: '', 'poetry.lock': '', 'uv.lock': '' }, file, 'uv at '],
  ['a workspace of uv', { [file]: '', 'uv.lock': '', 'a/pyproject.toml': '' }, 'a/pyproject.toml', 'uv at '],
  ['a folder with a lockfile', { 'a/pyproject.toml': '', 'a/uv.lock': '' }, 'a/uv.lock', 'uv at a'],
  ['a folder without a lockfile', { 'a/pyproject.toml': project }, 'a/pyproject.toml', null],
  ['a folder below Poetry', { 'poetry.lock': '', 'a/pyproject.toml': '' }, 'a/pyproject.toml', null],
  ['a repository in the lockfile', { [file]: '', 'uv.lock': uvLock('{ git = "https://x" }') }, file, null],
  ['a repository in the project', { [file]: '[project]\ndependencies = ["x @ git+https://x"]' }, file, null],
  ['no list of packages', { [file]: '[tool.x]' }, file, null],
])('with %s, the set-up chooses the package manager', async (_, files, path, expected) => {
  const [base, change] = [openTree(files), openTree(files)];
  const opened = await python.openProject(base, change, path);
  expect(opened && `${opened.manager} at ${opened.root}`).toBe(expected);
});

test('says nothing of a pyproject.toml that asks for the same packages', async () => {
  const note = async (before: string, after: string) => {
    const trees = {
      base: openTree({ 'a/pyproject.toml': before }),
      change: openTree({ 'a/pyproject.toml': after }),
    };
    return describeUnsupported([{ path: 'a/pyproject.toml' }], trees);
  };
  expect(await note(project, `${project}[tool.x]\ny = 1\n`)).toEqual([]);
  expect(await note(project, project.replace('[]', '["x"]'))).toEqual([
    expect.stringMatching(/^This change/),
  ]);
});
