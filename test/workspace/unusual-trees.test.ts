import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { changedPaths, shell, useWorkspaces } from './use-workspaces.js';

const world = useWorkspaces();

test('pipes in the place of .gitignore and the like are removed, also in installed packages', async () => {
  const { workspace } = await world.open('acme/pipes', { 'a.txt': 'one\n' });
  await shell(
    workspace,
    'mkdir -p node_modules/x .venv; mkfifo node_modules/.gitignore node_modules/x/.gitattributes .venv/.gitignore; echo y > node_modules/x/y; mkdir node_modules/shut; chmod 000 node_modules/shut',
  );
  expect(await changedPaths(workspace)).toEqual(['node_modules/x/y']);
  await workspace.dispose();
});

test('pipes and closed folders that the set-up left behind are removed or opened', async () => {
  const { workspace } = await world.open('acme/left-closed', { 'a.txt': 'one\n' }, [
    'mkdir -p x/y node_modules ~/z; mkfifo x/.gitignore node_modules/.gitignore ~/pipe; echo kept | tee x/f x/y/f ~/z/f; chmod 000 x/y x/f ~/z',
  ]);
  expect(await shell(workspace, 'cat x/f x/y/f ~/z/f')).toBe('kept\nkept\nkept\n');
  await shell(workspace, 'echo two > a.txt');
  expect(await changedPaths(workspace)).toEqual(['a.txt']);
  await workspace.dispose();
});

test('a checkpoint survives thousands of nested repositories, a stale lock and names with newlines', async () => {
  const { workspace } = await world.open('acme/many-nested', { 'a.txt': 'one\n' });
  // The paths are longer than two megabytes together, which is too much for the arguments of a command.
  await shell(
    workspace,
    `deep=$(printf 'd%.0s' $(seq 240)); mkdir -p $deep/$deep/$deep/$deep && cd $deep/$deep/$deep/$deep && mkdir $(seq 2100) '*' '@' && for one in *; do : > "$one/.git"; done
       cd /workspace; echo two > a.txt; mkdir .GIT; echo x > $'.GIT/a\\nb'`,
  );
  const [run = ''] = await readdir(path.join(world.folder, 'runs'));
  await writeFile(path.join(world.folder, 'runs', run, 'snapshot', 'repository', 'index.lock'), '');
  const { commit } = await workspace.checkpoint();
  expect((await workspace.readChanges(commit)).map((change) => change.path)).toEqual(['a.txt']);
  const { nestedRepositories, refusedPaths } = await workspace.readOmittedPaths(commit);
  expect(nestedRepositories).toHaveLength(2102);
  expect(refusedPaths).toEqual(["$'.GIT/a\\nb'"]);
  await workspace.dispose();
});

test('five thousand closed files are opened', async () => {
  const { workspace } = await world.open('acme/closed', { 'a.txt': 'one\n' });
  await shell(workspace, 'mkdir many && cd many && touch $(seq 5000) && chmod 000 *');
  expect(await changedPaths(workspace)).toHaveLength(5000);
  await workspace.dispose();
});
