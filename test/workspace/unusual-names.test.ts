import { expect, test } from '@jest/globals';
import { scanChange } from '../../src/evidence/scan/scan-change.js';
import { push, shell, useWorkspaces } from './use-workspaces.js';

const world = useWorkspaces();

test('files keep unusual names, such as options, newlines and names that differ only in case or Unicode form', async () => {
  const names = [
    ...[
      '-rf',
      '--upload-pack=touch pwned',
      '-',
      '--',
      ':(top)x',
      ':!x',
      '*',
      '?',
      '[a]',
      '$(touch pwned)',
      '`id`',
      ';id',
    ],
    ...[
      'new\nline',
      'tab\there',
      'quote"\'',
      'back\\slash',
      ' lead',
      'trail ',
      '\u001b[31mred',
      'e\u0301',
      '\u00e9',
      'README',
      'readme',
    ],
    ...[
      'rtl\u202Etxt.exe',
      '\ud83d\ude00',
      'a'.repeat(255),
      'con',
      '#x',
      '!x',
      '~',
      'HEAD',
      'refs/heads/main',
      '.gitx',
      '\u200b',
    ],
  ];
  const { workspace, base } = await world.open('acme/names', { 'a.txt': 'one\n' });
  await shell(
    workspace,
    'for one in "$@"; do mkdir -p -- "$(dirname -- "./$one")"; printf %s "$one" > "./$one"; done',
    ...names,
  );
  const { commit } = await workspace.checkpoint();
  const changes = await workspace.readChanges(commit);
  expect(changes.map((change) => change.path).sort()).toEqual([...names].sort());
  for (const { blob, path: file } of changes.slice(0, 6))
    expect((await workspace.readBlob(blob ?? '')).toString()).toBe(file);
  for (const name of ['-rf', 'new\nline', ':(top)x', '*'])
    expect((await workspace.readAddedLines(commit, name)).length).toBeGreaterThan(0);
  const check = await workspace.openScratchCopy(base, { commit, paths: names });
  expect(await shell(check, 'for one in "$@"; do cat "./$one"; done; ls pwned 2>/dev/null', ...names)).toBe(
    names.join(''),
  );
  await check.dispose();
  await workspace.restore(base);
  expect(await shell(workspace, 'ls -A')).toBe('.git\na.txt\n');
  await push(workspace, base, commit, 'pullwright/names');
  await workspace.dispose();
});

test('a secret is found in a file whose name is not UTF-8', async () => {
  const live = 'k7Qw9ZxT2bN4vM8cR6yH1jL3pD5sF0gA';
  const { workspace } = await world.open('acme/latin', { 'a.txt': 'one\n' });
  await shell(
    workspace,
    `printf 'key = %s\\n' ${live} | tee plain.txt > $'caf\\xe9.txt'; : > $'caf\\xe8.txt'`,
  );
  const { commit } = await workspace.checkpoint();
  const findings = await scanChange(
    {
      changes: await workspace.readChanges(commit),
      omitted: await workspace.readOmittedPaths(commit),
      basePaths: ['a.txt'],
      ignoredFiles: [],
      unsureFiles: [],
      isOnBase: async () => false,
      readFile: async () => null,
      readBlob: (blob) => workspace.readBlob(blob),
      texts: [],
      addedLines: (file) => workspace.readAddedLines(commit, file),
    },
    { activeSecrets: [live], allowedPaths: [], allowedPlaces: [], protectedPaths: [] },
  );
  const found = findings.filter(({ rule }) => rule === 'secret').map(({ path: file }) => file);
  expect(found).toEqual(expect.arrayContaining(['caf\uFFFD.txt', 'plain.txt']));
  await workspace.dispose();
});

test('look-alikes of .git block the change', async () => {
  const { workspace } = await world.open('acme/look-alikes', { 'a.txt': 'one\n' });
  await shell(
    workspace,
    `for one in .GIT .Git git~1 '.git ' .git.; do mkdir -p "./$one/hooks"; echo x > "./$one/config"; echo x > "./$one/hooks/post-checkout"; done`,
  );
  const { commit } = await workspace.checkpoint();
  const changes = await workspace.readChanges(commit);
  const { refusedPaths } = await workspace.readOmittedPaths(commit);
  const findings = await scanChange(
    {
      changes,
      omitted: { nestedRepositories: [], refusedPaths, tooLarge: [], filters: new Map() },
      basePaths: [],
      ignoredFiles: [],
      unsureFiles: [],
      isOnBase: async () => false,
      readFile: async () => null,
      readBlob: async () => Buffer.from('x'),
      texts: [],
      addedLines: async () => [],
    },
    { activeSecrets: [], allowedPaths: [], allowedPlaces: [], protectedPaths: [] },
  );
  const blocked = findings.filter(({ rule }) => rule === 'odd-name').map(({ path: file }) => file);
  for (const part of ['.GIT/', '.Git/', 'git~1/', '.git ', '.git./'])
    expect(blocked.join('\n')).toContain(part);
  expect(
    changes.every((change) =>
      blocked.some((one) => one.includes(change.path) || JSON.stringify(change.path) === one),
    ),
  ).toBe(true);
  await workspace.dispose();
});

test('a change that git would refuse to import ends the run with an explanation', async () => {
  const modules = '[submodule "x"]\\n\\tpath = x\\n\\turl = -u./x\\n\\tupdate = !touch pwned\\n';
  for (const plant of [
    `printf '${modules}' > .gitmodules`,
    "mkdir -p $'.g\\u200cit/hooks'; echo x > $'.g\\u200cit/config'",
  ]) {
    const { workspace } = await world.open('acme/refused', { 'a.txt': 'one\n' });
    await shell(workspace, plant);
    await expect(workspace.checkpoint()).rejects.toMatchObject({
      name: 'RunEndedError',
      message: expect.stringMatching(/^Git refuses an object in the change/),
    });
    await workspace.dispose();
  }
});

test('a hundred thousand files and a file of 200 MB are recorded, and LFS pointers stay pointers', async () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`;
  const { workspace } = await world.open('acme/large', {
    'asset.bin': pointer,
    '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
    '.gitignore': 'ignored\n',
  });
  expect(await shell(workspace, 'cat asset.bin; git status --short')).toBe(pointer);
  await shell(
    workspace,
    'head -c 200M /dev/urandom > big.iso; cp big.iso ignored; truncate -s 290M sparse; for n in $(seq 100); do mkdir -p many/$n && (cd many/$n && touch $(seq 1000)); done',
  );
  const { commit } = await workspace.checkpoint();
  expect(await workspace.readChanges(commit)).toHaveLength(100_000);
  expect((await workspace.readOmittedPaths(commit)).tooLarge).toEqual(['big.iso', 'sparse']);
  await workspace.dispose();
}, 300_000);
