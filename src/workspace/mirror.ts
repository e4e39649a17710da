import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, rename, rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import { GitError } from 'simple-git';
import type { Repository } from '../task/task.js';
import { chooseMirrors, type FoundMirror, listMirrors, type MirrorLimits } from './choose-mirrors.js';
import { explainGitError } from './explain-git-error.js';
import { hostGit } from './host-git.js';
import { findMergeBase } from './merge-branches.js';
import type { GrantGitAccess } from './workspace.js';

/** A repository's branches on this machine: a bare repository that only the host writes. */
export interface Mirror {
  /** The folder that holds it. */
  folder: string;
  /** No branch at all. */
  isEmpty(): Promise<boolean>;
  /** @returns the branch's commit and its committer date (ISO 8601); null when there is no such branch */
  resolve(branch: string): Promise<{ commit: string; committedAt: string } | null>;
  /** @returns null when the commit has no such file; at most `maxBytes` of its text */
  readFile(commit: string, file: string, maxBytes?: number): Promise<string | null>;
  /** Every file's path. */
  listFiles(commit: string): Promise<string[]>;
  /** The newest commit up to `commit` whose message says that it closes the issue. */
  findClosingCommit(commit: string, issue: number): Promise<string | null>;
  /** @returns null where the two have no common past */
  findMergeBase(one: string, other: string): Promise<string | null>;
}

export interface Mirrors {
  /**
   * Fetches what is new.
   * @throws RetryLater when the remote cannot be reached, RunEnded when it refuses
   */
  update(repository: Repository): Promise<Mirror>;
  /** What is there already. */
  open(repository: Repository): Mirror;
  /**
   * Packs mirrors that are in many pieces. Removes those that nobody used for long, that cannot be packed and, where all
   * together are too large, those first that were used longest ago. The next run clones anew.
   * @param isInUse asked right before: a run's workspace stands on its repository's mirror
   */
  tidy(limits: MirrorLimits, isInUse: (repositoryId: number) => Promise<boolean>): Promise<TidiedMirrors>;
}

/** Repositories' ids. */
export interface TidiedMirrors {
  packed: number[];
  removed: number[];
}

/** A packed mirror has about twenty. */
const manyFiles = 200;
/** Packing says nothing while it works. */
const packSilenceMs = 3_600_000;

export function openMirrors(options: {
  folder: string;
  webUrl: string;
  /** The sandbox's user, who has to read the objects; null: our own. */
  uid: number | null;
  grantGitAccess: GrantGitAccess;
}): Mirrors {
  const busy = new Map<number, Promise<unknown>>();
  const folderOf = (repository: Repository) => path.join(options.folder, `${repository.id}.git`);

  const fetchBranches = async (repository: Repository): Promise<void> => {
    const gitDir = folderOf(repository);
    await mkdir(options.folder, { recursive: true, mode: 0o750 });
    if (options.uid !== null) await chown(options.folder, process.getuid?.() ?? 0, options.uid);
    if (!existsSync(path.join(gitDir, 'HEAD'))) {
      await rm(gitDir, { recursive: true, force: true });
      await hostGit({ gitDir }).raw('init', '--quiet', '--bare', gitDir);
    }
    await removeHalfReceived(gitDir);
    const { token, name } = await options.grantGitAccess(repository, 'read');
    const git = hostGit({ gitDir, credential: { webUrl: options.webUrl, token } });
    const url = `${options.webUrl}/${repository.owner}/${name}.git`;
    try {
      await git.raw(
        'fetch',
        '--quiet',
        '--no-tags',
        '--prune',
        '--force',
        '--no-write-fetch-head',
        url,
        '+refs/heads/*:refs/heads/*',
      );
    } catch (error) {
      // What was received so far is of no use, and may be what fills the disk.
      await removeHalfReceived(gitDir);
      throw explainGitError(error, 'cloned');
    }
    const now = new Date();
    await utimes(path.join(gitDir, 'HEAD'), now, now);
  };

  /** One at a time per repository in this process; git's own locks stand between processes. */
  const inTurn = async <T>(repositoryId: number, body: () => Promise<T>): Promise<T> => {
    const turn = (busy.get(repositoryId) ?? Promise.resolve()).then(body, body);
    busy.set(repositoryId, turn);
    try {
      return await turn;
    } finally {
      if (busy.get(repositoryId) === turn) busy.delete(repositoryId);
    }
  };

  return {
    open: (repository) => openMirror(folderOf(repository)),
    update: async (repository) => {
      await inTurn(repository.id, () => fetchBranches(repository));
      return openMirror(folderOf(repository));
    },
    tidy: async (limits, isInUse) => {
      const tidied: TidiedMirrors = { packed: [], removed: [] };
      const unlessUsed = (id: number, body: () => Promise<void>) =>
        inTurn(id, async () => {
          if (!(await isInUse(id))) await body();
        });
      const remove = async ({ repositoryId, folder }: FoundMirror) => {
        await removeMirror(folder);
        tidied.removed.push(repositoryId);
      };
      for (const mirror of await listMirrors(options.folder))
        if (mirror.files > manyFiles)
          await unlessUsed(mirror.repositoryId, async () => {
            if (await pack(mirror.folder)) tidied.packed.push(mirror.repositoryId);
            else await remove(mirror);
          });
      for (const mirror of chooseMirrors(await listMirrors(options.folder), limits))
        await unlessUsed(mirror.repositoryId, () => remove(mirror));
      return tidied;
    },
  };
}

/** Everything in one pack, and nothing that no branch leads to. False when git cannot: its objects are not all there. */
async function pack(gitDir: string): Promise<boolean> {
  await removeHalfReceived(gitDir);
  try {
    await hostGit({ gitDir, silenceMs: packSilenceMs }).raw('gc', '--quiet', '--prune=now');
    return true;
  } catch (error) {
    if (error instanceof GitError) return false;
    throw error;
  }
}

/** First out of the way in one stroke: half a mirror would be taken for one. */
async function removeMirror(folder: string): Promise<void> {
  const gone = `${folder}.gone`;
  await rm(gone, { recursive: true, force: true });
  await rename(folder, gone);
  await rm(gone, { recursive: true, force: true });
}

/** What git was in the middle of receiving when it failed or was killed. */
async function removeHalfReceived(gitDir: string): Promise<void> {
  const objects = path.join(gitDir, 'objects');
  for (const folder of existsSync(objects) ? await readdir(objects) : [])
    for (const name of await readdir(path.join(objects, folder)))
      if (name.startsWith('tmp_')) await rm(path.join(objects, folder, name), { force: true });
}

function openMirror(gitDir: string): Mirror {
  const git = () => hostGit({ gitDir });
  return {
    folder: gitDir,
    isEmpty: async () => (await git().raw('for-each-ref', '--count=1', 'refs/heads')) === '',
    resolve: async (branch) => {
      const found = await git().raw(
        'for-each-ref',
        '--format=%(objectname) %(committerdate:iso-strict)',
        `refs/heads/${branch}`,
      );
      const [, commit, committedAt] = /^([0-9a-f]{40,64}) (\S+)\n$/.exec(found) ?? [];
      return commit && committedAt ? { commit, committedAt } : null;
    },
    readFile: async (commit, file, maxBytes = 256 * 1024) => {
      const [entry] = (
        await git().raw('ls-tree', '-z', '-l', '--full-tree', commit, '--', `:(literal)${file}`)
      ).split('\0');
      const [, kind, blob, size] = /^100\d+ (blob) ([0-9a-f]+) +(\d+)\t/.exec(entry ?? '') ?? [];
      if (kind !== 'blob' || !blob || Number(size) > 16 * 1024 * 1024) return null;
      const bytes = (await git().binaryCatFile(['blob', blob])) as Buffer;
      return bytes.subarray(0, maxBytes).toString('utf8');
    },
    findClosingCommit: async (commit, issue) => {
      const found = await git().raw(
        'log',
        '--max-count=1',
        '--format=%H',
        '--extended-regexp',
        '--regexp-ignore-case',
        `--grep=(^|[^a-z])(close[sd]?|fix(e[sd])?|resolve[sd]?):? +#${issue}([^0-9]|$)`,
        commit,
      );
      return found.trim() || null;
    },
    findMergeBase: (one, other) => findMergeBase({ gitDir, alternates: [] }, one, other),
    listFiles: async (commit) =>
      (await git().raw('ls-tree', '-r', '-z', '--name-only', '--full-tree', commit))
        .split('\0')
        .filter(Boolean),
  };
}
