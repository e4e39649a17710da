import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, rename, rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import { GitError } from 'simple-git';
import type { Repository } from '../../task/task.js';
import { explainGitError } from '../explain-git-error.js';
import { hostGit } from '../host-git.js';
import type { GrantGitAccess, MirrorLimits, Mirrors, TidiedMirrors } from '../workspace.js';
import { findExpiredMirrors, listMirrors, type MeasuredMirror } from './find-expired-mirrors.js';
import { openMirror } from './mirror.js';

interface Options {
  /** Folder that contains one bare repository per mirror. */
  folder: string;
  webUrl: string;
  /**
   * Id of the user that sandboxes run as. This user must be able to read the mirrors. Null if sandboxes run
   * as the same user as Pullwright.
   */
  uid: number | null;
  grantGitAccess: GrantGitAccess;
}

/** Mirrors with more files than this are packed. A packed mirror has about twenty files. */
const maxUnpackedFiles = 200;
/**
 * Git is killed after this many milliseconds without output. It prints nothing while it packs, so the limit
 * is high.
 */
const packSilenceMs = 3_600_000;

export function openMirrors(options: Options): Mirrors {
  const folderOf = ({ id }: Repository) => path.join(options.folder, `${id}.git`);
  const inTurn = createTurns();
  return {
    open: (repository) => openMirror(folderOf(repository)),
    update: async (repository) => {
      const gitDir = folderOf(repository);
      await inTurn(repository.id, () => updateMirror(options, repository, gitDir));
      return openMirror(gitDir);
    },
    tidy: (limits, isInUse) =>
      tidyMirrors(options.folder, limits, (repositoryId, body) =>
        inTurn(repositoryId, async () => {
          if (!(await isInUse(repositoryId))) await body();
        }),
      ),
  };
}

type InTurn = <T>(repositoryId: number, body: () => Promise<T>) => Promise<T>;

/**
 * Creates a function that calls `body`. In this process, calls for the same repository run one after another.
 * Git's own locks protect a mirror from other processes.
 */
function createTurns(): InTurn {
  const last = new Map<number, Promise<unknown>>();
  return async (repositoryId, body) => {
    const turn = (last.get(repositoryId) ?? Promise.resolve()).then(body, body);
    last.set(repositoryId, turn);
    try {
      return await turn;
    } finally {
      if (last.get(repositoryId) === turn) last.delete(repositoryId);
    }
  };
}

/** Fetches all branches and tags into the mirror. Creates the mirror if it does not exist. */
async function updateMirror(options: Options, repository: Repository, gitDir: string): Promise<void> {
  await mkdir(options.folder, { recursive: true, mode: 0o750 });
  if (options.uid !== null) await chown(options.folder, process.getuid?.() ?? 0, options.uid);
  if (!existsSync(path.join(gitDir, 'HEAD'))) {
    await rm(gitDir, { recursive: true, force: true });
    await hostGit({ gitDir }).raw('init', '--quiet', '--bare', gitDir);
  }
  await removePartialPacks(gitDir);
  const { token, name } = await options.grantGitAccess(repository, 'read');
  const git = hostGit({ gitDir, credential: { webUrl: options.webUrl, token } });
  const url = `${options.webUrl}/${repository.owner}/${name}.git`;
  const flags = ['--quiet', '--no-tags', '--prune', '--force', '--no-write-fetch-head'];
  try {
    await git.raw('fetch', ...flags, url, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*');
  } catch (error) {
    // Incomplete packs are useless, and they may be the reason why the disk is full.
    await removePartialPacks(gitDir);
    throw explainGitError(error, 'cloned');
  }
  const now = new Date();
  await utimes(path.join(gitDir, 'HEAD'), now, now);
}

/**
 * Packs and removes mirrors.
 * @param unlessInUse calls `body`, unless a run is using the repository's mirror
 */
async function tidyMirrors(
  folder: string,
  limits: MirrorLimits,
  unlessInUse: (repositoryId: number, body: () => Promise<void>) => Promise<void>,
): Promise<TidiedMirrors> {
  const tidied: TidiedMirrors = { packed: [], removed: [] };
  const remove = async (mirror: MeasuredMirror) => {
    await removeMirror(mirror.folder);
    tidied.removed.push(mirror.repositoryId);
  };
  for (const mirror of await listMirrors(folder))
    if (mirror.files > maxUnpackedFiles)
      await unlessInUse(mirror.repositoryId, async () => {
        if (await pack(mirror.folder)) tidied.packed.push(mirror.repositoryId);
        else await remove(mirror);
      });
  for (const mirror of findExpiredMirrors(await listMirrors(folder), limits))
    await unlessInUse(mirror.repositoryId, () => remove(mirror));
  return tidied;
}

/**
 * Packs all reachable objects and deletes all others.
 * @returns false if git fails, for example because objects are missing
 */
async function pack(gitDir: string): Promise<boolean> {
  await removePartialPacks(gitDir);
  try {
    await hostGit({ gitDir, silenceMs: packSilenceMs }).raw('gc', '--quiet', '--prune=now');
    return true;
  } catch (error) {
    if (error instanceof GitError) return false;
    throw error;
  }
}

/**
 * Renames the mirror and then deletes its files. Without the new name, a crash during the deletion would
 * leave a broken mirror that looks complete.
 */
async function removeMirror(folder: string): Promise<void> {
  const renamed = `${folder}.gone`;
  await rm(renamed, { recursive: true, force: true });
  await rename(folder, renamed);
  await rm(renamed, { recursive: true, force: true });
}

/** Removes the incomplete packs that git leaves behind if a fetch fails or is killed. */
async function removePartialPacks(gitDir: string): Promise<void> {
  const objects = path.join(gitDir, 'objects');
  for (const folder of existsSync(objects) ? await readdir(objects) : [])
    for (const name of await readdir(path.join(objects, folder)))
      if (name.startsWith('tmp_')) await rm(path.join(objects, folder, name), { force: true });
}
