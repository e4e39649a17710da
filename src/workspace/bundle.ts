import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { RunEndedError } from '../runs/outcome.js';
import type { GitStore } from './git-store.js';
import { hostGit } from './host-git.js';

const megabyte = 1024 * 1024;
const maxBundleBytes = 64 * megabyte;

/**
 * Reads a bundle that a sandbox has written. The host reads no other file from a sandbox. The bundle may be
 * hostile, so this function accepts only a regular file of limited size, and does not follow a link.
 */
export async function readBundle(file: string): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Error('the bundle of the checkpoint is not a regular file');
    if (stats.size > maxBundleBytes)
      throw new RunEndedError({
        kind: 'failed',
        reason:
          `The change is too large: ${Math.round(stats.size / megabyte)} MB compressed, ` +
          `and the limit is ${maxBundleBytes / megabyte} MB. Are build outputs missing from .gitignore?`,
      });
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/**
 * Imports a bundle's objects with `git index-pack`, which checks each object. `git bundle unbundle` would not
 * check them.
 */
export async function importBundle(store: GitStore, bundle: Buffer): Promise<void> {
  const headerEnd = bundle.indexOf('\n\n');
  if (!bundle.subarray(0, 20).toString('latin1').startsWith('# v') || headerEnd < 0)
    throw new Error('the checkpoint is not a git bundle');
  const git = hostGit({ ...store, input: bundle.subarray(headerEnd + 2) });
  try {
    await git.raw('index-pack', '--strict', '--fix-thin', '--stdin');
  } catch (error) {
    const complaint = /error: object [0-9a-f]+: (\w+: .*)/.exec(String(error))?.[1];
    if (!complaint) throw error;
    throw new RunEndedError({
      kind: 'failed',
      reason: `Git refuses an object in the change (${complaint}).`,
    });
  }
}

/** Makes a bundle of a commit. Leaves out everything that is reachable from the commits in `without`. */
export async function makeBundle(
  store: GitStore,
  commit: string,
  without: readonly string[],
): Promise<Buffer> {
  // A killed process can leave locks of these names behind.
  const name = `made-${randomUUID()}`;
  const ref = `refs/heads/${name}`;
  const file = path.join(store.gitDir, `${name}.bundle`);
  await hostGit(store).raw('update-ref', ref, commit);
  const excluded = without.map((ancestor) => `^${ancestor}`);
  try {
    await hostGit(store).raw('bundle', 'create', '--quiet', file, ref, ...excluded);
    return await readFile(file);
  } finally {
    await rm(file, { force: true });
  }
}
