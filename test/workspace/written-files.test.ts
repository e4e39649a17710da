import { expect, test } from '@jest/globals';
import { shell, useWorkspaces } from './use-workspaces.js';

const workspaces = useWorkspaces();
const files = {
  '.gitignore': 'ignored/\n',
  '.gitattributes': '*.txt text eol=crlf\n',
  'package.json': '{}\n',
  'stats.json': '0\n',
  'old.json': '0\n',
  'a.txt': 'one\ntwo\n',
  'src/a.js': 'a\n',
};

test('recordWrites lists what commands changed, and whether the agent had changed it before', async () => {
  const { workspace, base } = await workspaces.open('acme/record', files, ['echo 1 > left-by-set-up']);
  await shell(workspace, 'echo mine >> src/a.js; echo mine > new.js; git config core.fsmonitor /bin/false');
  const work = async () => {
    await shell(
      workspace,
      `echo 1 > stats.json; rm old.json; mkdir -p ignored "o dd"; touch ignored/x; echo 1 > "o dd/ü.xml"
      echo formatted >> src/a.js; echo formatted >> new.js; echo 2 > left-by-set-up; touch a.txt package.json`,
    );
    return 'done';
  };
  const { result, written } = await workspace.recordWrites(base, work);
  expect(result).toBe('done');
  const one = 'd00491fd7e5bb6fa28c517a0bb32b8b506539d4d';
  const zero = '573541ac9702dd3969c9bc859d2b91ec1f7e6e56';
  expect(written).toEqual([
    { path: 'new.js', before: expect.any(String), blob: expect.any(String), wasClean: false },
    { path: 'o dd/ü.xml', before: null, blob: one, wasClean: true },
    { path: 'old.json', before: zero, blob: null, wasClean: true },
    { path: 'src/a.js', before: expect.any(String), blob: expect.any(String), wasClean: false },
    { path: 'stats.json', before: zero, blob: one, wasClean: true },
  ]);
  const { commit } = await workspace.checkpoint();
  const again = await workspace.recordWrites(commit, work);
  expect(again.written.map(({ path, wasClean }) => [path, wasClean])).toEqual([
    ['new.js', true],
    ['src/a.js', true],
  ]);
});

test('listWritten lists what changed in a scratch copy, and new files that were written again', async () => {
  const { workspace } = await workspaces.open('acme/list', files, ['echo 1 > left-by-set-up']);
  await shell(workspace, 'echo mine > src/a.js; echo same > again.csv; echo same > untouched.csv');
  const { commit } = await workspace.checkpoint();
  const copy = await workspace.openScratchCopy(commit);
  const startedAt = Date.now();
  await shell(
    copy,
    `echo 1 > stats.json; rm old.json; mkdir -p ignored reports/html; touch ignored/x reports/html/i "./-a b"
    echo same > again.csv; echo a > package.json; echo '{}' > package.json; touch a.txt`,
  );
  const empty = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';
  const same = { path: 'again.csv', blob: expect.stringMatching(/^[0-9a-f]{40}$/) };
  expect(await copy.listWritten(startedAt, ['again.csv', 'untouched.csv'])).toEqual([
    { path: 'old.json', blob: null },
    { path: '-a b', blob: empty },
    same,
    { path: 'reports/html/i', blob: empty },
    { path: 'stats.json', blob: 'd00491fd7e5bb6fa28c517a0bb32b8b506539d4d' },
  ]);
  await shell(copy, 'rm -rf .git');
  expect(await copy.listWritten(startedAt, ['again.csv'])).toEqual([same]);
  await copy.dispose();
});

test('leaveOut makes a checkpoint without some of the changes, always with the same id', async () => {
  const { workspace, base } = await workspaces.open('acme/leave', files, []);
  await shell(
    workspace,
    `echo mine > src/a.js; echo 1 > stats.json; rm old.json; mkdir old.json; echo 1 > old.json/b
    mkdir reports; echo 1 > "reports/ü x"; mv package.json moved.json; chmod +x a.txt`,
  );
  const { commit } = await workspace.checkpoint();
  const paths = ['stats.json', 'old.json', 'old.json/b', 'reports/ü x', 'package.json', 'moved.json'];
  const made = await workspace.leaveOut(commit, paths, base);
  expect((await workspace.readChanges(made)).map(({ path, status }) => [path, status])).toEqual([
    ['a.txt', 'modified'],
    ['src/a.js', 'modified'],
  ]);
  expect(await workspace.leaveOut(commit, paths, base)).toBe(made);
  const copy = await workspace.openScratchCopy(made);
  expect(await shell(copy, 'cat src/a.js stats.json; test -x a.txt && ls')).toBe(
    'mine\n0\na.txt\nold.json\npackage.json\nsrc\nstats.json\n',
  );
  await copy.dispose();
});

test('leaveOut keeps what the work started from, if that is later than the base', async () => {
  const { workspace } = await workspaces.open('acme/later', files, []);
  await shell(workspace, 'echo people > stats.json');
  const start = (await workspace.checkpoint()).commit;
  await shell(workspace, 'echo 2 > stats.json; echo mine > src/a.js');
  const { commit } = await workspace.checkpoint();
  const made = await workspace.leaveOut(commit, ['stats.json'], start);
  expect((await workspace.readChanges(made, start)).map(({ path }) => path)).toEqual(['src/a.js']);
  expect(await workspace.readFile(made, 'stats.json')).toBe('people\n');
});

test('leaveOut does not restore a file in the place of which the change has a folder or a file', async () => {
  const { workspace, base } = await workspaces.open(
    'acme/collide',
    { ...files, 'gen/a.ts': 'a', 'gen/b.ts': 'b' },
    [],
  );
  await shell(workspace, 'rm -r gen; echo mine > gen; rm old.json; mkdir old.json; echo mine > old.json/x');
  const { commit } = await workspace.checkpoint();
  const made = await workspace.leaveOut(commit, ['gen/a.ts', 'old.json'], base);
  expect((await workspace.listFiles(made)).filter((path) => /^(?:gen|old)/.test(path))).toEqual([
    'gen',
    'old.json/x',
  ]);
});
