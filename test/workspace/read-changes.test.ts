import { expect, test } from '@jest/globals';
import { shell, useWorkspaces } from './use-workspaces.js';

const world = useWorkspaces();

test('a renamed file is reported with its earlier path, and its neighbors keep their own line counts', async () => {
  const text = Array.from({ length: 20 }, (_, line) => `line ${line}\n`).join('');
  const { workspace } = await world.open('acme/renames', {
    'a.txt': 'one\n',
    'old.txt': text,
    'z.txt': 'z\n',
  });
  await shell(workspace, 'git mv old.txt new.txt; echo more >> new.txt; echo two >> a.txt; echo y > z.txt');
  const { commit } = await workspace.checkpoint();
  expect(await workspace.readChanges(commit)).toEqual([
    expect.objectContaining({ path: 'a.txt', status: 'modified', added: 1, deleted: 0, size: 8 }),
    expect.objectContaining({ path: 'new.txt', from: 'old.txt', status: 'renamed', added: 1, deleted: 0 }),
    expect.objectContaining({ path: 'z.txt', status: 'modified', added: 1, deleted: 1, size: 2 }),
  ]);
  expect(await workspace.readAddedLines(commit, 'new.txt')).toContainEqual({ line: 21, text: 'more' });
  await workspace.dispose();
});

test('a binary file has no line counts', async () => {
  const { workspace } = await world.open('acme/binary', { 'a.txt': 'one\n' });
  await shell(workspace, "printf 'a\\0b' > data.bin");
  const { commit } = await workspace.checkpoint();
  expect(await workspace.readChanges(commit)).toEqual([
    expect.objectContaining({ path: 'data.bin', status: 'added', added: null, deleted: null, size: 3 }),
  ]);
  await workspace.dispose();
});
