import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { shell, useWorkspaces } from './use-workspaces.js';

const world = useWorkspaces();
const files = { 'a.txt': 'one\n', '.gitignore': 'built/\n' };

test('a workspace is a clone as people have it: history, tags, branches and a remote', async () => {
  const made = await world.github.createRepository('acme/versioned', { files });
  for (const args of [
    ['tag', 'v1.2.3', 'main'],
    ['branch', 'feature', 'main'],
  ])
    execFileSync('git', ['-C', made.folder, ...args]);
  const { workspace } = await world.open('acme/versioned', files, ['mkdir built; touch built/stamp']);
  expect(await shell(workspace, 'git status --short; git log --format=%s; git remote; ls')).toBe(
    'First version\norigin\na.txt\nbuilt\n',
  );
  const branches = [
    'refs/heads/main refs/remotes/origin/main',
    'refs/remotes/origin/HEAD ',
    'refs/remotes/origin/feature ',
    'refs/remotes/origin/main ',
  ];
  expect(
    await shell(workspace, "git branch --all --format='%(refname) %(upstream)'; git describe --tags"),
  ).toBe(`${branches.join('\n')}\nv1.2.3\n`);
  const change = 'git rev-parse --abbrev-ref HEAD; echo two > a.txt; git commit --quiet --all --message x';
  expect(await shell(workspace, `${change}; git diff --name-only origin/main...`)).toBe('main\na.txt\n');
  await workspace.dispose();
});

test('a measurement sees the change as commits on top of the base branch', async () => {
  const { workspace } = await world.open('acme/measured', files);
  await shell(workspace, 'echo two > a.txt');
  const { commit } = await workspace.checkpoint();
  const copy = await workspace.openScratchCopy(commit);
  expect(await shell(copy, 'git diff --name-only origin/main...HEAD; git diff --name-only main HEAD')).toBe(
    'a.txt\na.txt\n',
  );
  await copy.dispose();
  await workspace.dispose();
});

test('the remote gives no access: a workspace contains no credential and reaches no host', async () => {
  const { workspace } = await world.open('acme/closed', files);
  expect(await shell(workspace, 'cat .git/config; env')).not.toMatch(/ghs_|x-access|extraheader/i);
  for (const command of ['push', 'fetch'])
    expect(await shell(workspace, `git ${command} 2>&1`)).toContain('unable to access');
  await workspace.dispose();
});
