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

test('recordWrites lists what commands changed, and nothing that the agent changed before', async () => {
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
  expect(await workspace.recordWrites(base, work)).toEqual({
    result: 'done',
    written: ['o dd/ü.xml', 'old.json', 'stats.json'],
  });
  const { commit } = await workspace.checkpoint();
  expect((await workspace.recordWrites(commit, work)).written).toEqual(['new.js', 'src/a.js']);
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
  expect(await copy.listWritten(startedAt, ['again.csv', 'untouched.csv'])).toEqual([
    ...['-a b', 'again.csv', 'old.json', 'reports/', 'stats.json'],
  ]);
  await shell(copy, 'rm -rf .git');
  expect(await copy.listWritten(startedAt, ['again.csv'])).toEqual(['again.csv']);
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
