import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { changedPaths, shell, useWorkspaces } from './use-workspaces.js';

const world = useWorkspaces();

/** Creates a repository whose submodules have these URLs, by their paths. */
async function createWithSubmodules(fullName: string, urls: Record<string, string>, more = {}) {
  const shared = await world.github.createRepository(`${fullName}-shared`, { files: { 'x.js': 'shared\n' } });
  const sections = Object.entries(urls).map(
    ([inner, url]) => `[submodule "${inner}"]\n\tpath = ${inner}\n\turl = ${url}\n`,
  );
  const made = await world.github.createRepository(fullName, {
    files: { 'a.txt': 'a\n', '.gitmodules': sections.join(''), ...more },
  });
  const folder = path.join(world.folder, 'work');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { encoding: 'utf8' }).trim();
  const commit = git('-C', shared.folder, 'rev-parse', 'main');
  git('clone', '--quiet', made.folder, folder);
  for (const inner of Object.keys(urls))
    git('-C', folder, 'update-index', '--add', '--cacheinfo', `160000,${commit},${inner}`);
  git('-C', folder, 'commit', '--quiet', '--message', 'submodules');
  git('-C', folder, 'push', '--quiet', 'origin', 'main');
  await rm(folder, { recursive: true });
}

test('a submodule of the same owner is checked out, and is no part of a change', async () => {
  await createWithSubmodules('acme/host', { 'vendor/shared': '../host-shared.git' });
  const { workspace } = await world.open('acme/host', {});
  expect(workspace.setupResult.missing).toEqual([]);
  expect(await shell(workspace, 'cat vendor/shared/x.js; git status --short; git submodule status')).toMatch(
    /^shared\n [0-9a-f]{40} vendor\/shared/,
  );
  await shell(workspace, 'echo more >> a.txt');
  expect(await changedPaths(workspace)).toEqual(['a.txt']);
  const { commit } = await workspace.checkpoint();
  expect((await workspace.readOmittedPaths(commit)).nestedRepositories).toEqual([]);

  const copy = await workspace.openScratchCopy(commit);
  expect(await shell(copy, 'cat vendor/shared/x.js')).toBe('shared\n');
  await copy.dispose();

  await shell(workspace, 'echo changed > vendor/shared/x.js');
  const changed = await workspace.checkpoint();
  expect((await workspace.readChanges(changed.commit)).map((one) => one.path)).toEqual(['a.txt']);
  expect((await workspace.readOmittedPaths(changed.commit)).nestedRepositories).toEqual(['vendor/shared']);
  await workspace.restore(commit);
  expect(await shell(workspace, 'ls vendor/shared')).toBe('x.js\n');
  await workspace.dispose();
});

test('a .gitmodules that git cannot read is no reason to end a run', async () => {
  const urls = { 'vendor/a': '../odd-shared.git' };
  await createWithSubmodules('acme/odd', urls, { '.gitmodules': '<<<<<<< HEAD\n' });
  const { workspace } = await world.open('acme/odd', {});
  expect(workspace.setupResult.missing).toEqual(['Git cannot read .gitmodules, so no submodule is there.']);
  expect(await shell(workspace, 'cat a.txt')).toBe('a\n');
  await workspace.dispose();
});

test('submodules that cannot be read and files of Git LFS are named', async () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 5\n`;
  await createWithSubmodules(
    'acme/far',
    {
      other: 'https://github.example/elsewhere/tool.git',
      gone: `${world.github.url}/acme/no-such.git`,
      ssh: `git@${new URL(world.github.url).hostname}:else/tool.git`,
    },
    { '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs\n', 'data.bin': pointer },
  );
  const { workspace } = await world.open('acme/far', {});
  expect(workspace.setupResult.missing).toEqual([
    'The submodule other (https://github.example/elsewhere/tool.git) is not there, because its repository has another owner.',
    expect.stringMatching(/^The submodule gone .* this server may not read its repository/),
    expect.stringMatching(/^The submodule ssh .* has another owner/),
    '1 file is stored in Git LFS and only a pointer here: data.bin.',
  ]);
  await workspace.dispose();
});
