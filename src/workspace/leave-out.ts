import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { makeBundle } from './bundle.js';
import type { GitStore } from './git-store.js';
import { hostGit } from './host-git.js';
import { snapshotIdentity } from './merge-branches.js';
import type { CheckpointStore, Workspace } from './workspace.js';

/** Creates the method `leaveOut` of a workspace. See `Workspace`. */
export function createLeaveOut(
  store: GitStore,
  checkpoints: CheckpointStore,
  { runId, baseCommit }: { runId: string; baseCommit: string },
  ensureStored: (commit: string) => Promise<void>,
): Workspace['leaveOut'] {
  return async (commit, paths, since) => {
    for (const one of [commit, since]) await ensureStored(one);
    const made = await commitWithout(store, baseCommit, { commit, paths, since });
    await checkpoints.save(runId, made, await makeBundle(store, made, [baseCommit]));
    return made;
  };
}

/** A path that `since` does not contain is missing in the new commit. */
async function commitWithout(
  store: GitStore,
  parent: string,
  { commit, paths, since }: { commit: string; paths: readonly string[]; since: string },
): Promise<string> {
  const indexFile = path.join(store.gitDir, `index-${randomUUID()}`);
  const git = (input = '') => hostGit({ ...store, indexFile, identity: snapshotIdentity, input });
  try {
    const [entries, kept] = [await readEntries(store, since), await readEntries(store, commit)];
    for (const one of paths) kept.delete(one);
    const restored = paths.flatMap((one) => (collides(one, kept) ? [] : (entries.get(one) ?? [])));
    const removed = paths.map((one) => `0 ${'0'.repeat(commit.length)}\t${one}`);
    await git().raw('read-tree', commit);
    await git([...removed, ...restored].map((line) => `${line}\0`).join('')).raw(
      ...['update-index', '-z', '--index-info'],
    );
    const tree = (await git().raw('write-tree')).trim();
    const message = await git().raw('log', '-1', '--format=%B', commit);
    return (await git(message).raw('commit-tree', tree, '-p', parent, '-F', '-')).trim();
  } finally {
    await rm(indexFile, { force: true });
  }
}

/** Returns the entries of a commit's whole tree as `git ls-tree` prints them, by their paths. */
async function readEntries(store: GitStore, commit: string): Promise<Map<string, string>> {
  const listed = await hostGit(store).raw('ls-tree', '-r', '-z', '--full-tree', commit);
  const entries = listed.split('\0').filter(Boolean);
  return new Map(entries.map((entry) => [entry.slice(entry.indexOf('\t') + 1), entry]));
}

/**
 * Returns whether a file in the place of a folder, or the other way around, keeps a path from being there.
 */
function collides(path: string, kept: ReadonlyMap<string, string>): boolean {
  const parents = path.split('/').map((_, index, parts) => parts.slice(0, index).join('/'));
  if (parents.some((parent) => kept.has(parent))) return true;
  return [...kept.keys()].some((other) => other.startsWith(`${path}/`));
}
