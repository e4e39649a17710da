import path from 'node:path';
import { GitError } from 'simple-git';
import { RunEndedError } from '../../runs/outcome.js';
import type { Repository } from '../../task/task.js';
import { hasCommit, listFiles } from '../git-store.js';
import { hostGit } from '../host-git.js';
import type { Provision } from '../provision.js';
import type { Mirrors, WorkspaceSpec } from '../workspace.js';

/** A submodule whose repository this machine has. */
export interface Submodule {
  /** Relative to the root of the repository. */
  path: string;
  commit: string;
  /** The mirror of the submodule's repository. */
  mirrorFolder: string;
}

/**
 * Finds a repository of the same owner, by its name.
 * @returns null if the App cannot read it, or if the operator does not allow runs of `repository` to read it
 */
export type FindSibling = (repository: Repository, name: string) => Promise<Repository | null>;

interface Options {
  mirrors: Mirrors;
  webUrl: string;
  findSibling: FindSibling;
}

/**
 * Returns the path in sandboxes of the mirror of a submodule. Clones remember it, so it depends only on the
 * repository.
 */
export const submoduleMirror = ({ mirrorFolder }: Submodule) => `/submodules/${path.basename(mirrorFolder)}`;

const maxSubmodules = 50;

/**
 * Adds the repositories of submodules to what sandboxes mount, and says which submodules and which files of
 * Git LFS are not there. See `openSubmodules` for the parameters.
 */
export async function addSubmodules(
  options: Options,
  { repository, baseCommit }: Pick<WorkspaceSpec, 'repository' | 'baseCommit'>,
  gitDir: string,
  provision: Provision,
): Promise<{ submodules: Submodule[]; provision: Provision }> {
  const { submodules, missing } = await openSubmodules(options, repository, gitDir, baseCommit);
  const mirrors = new Map(submodules.map((one) => [submoduleMirror(one), one.mirrorFolder]));
  const mounts = [...mirrors].map(([to, from]) => ({ from, to, writable: false }));
  const pointers = await describeLfsFiles(gitDir, baseCommit);
  return {
    submodules,
    provision: {
      ...provision,
      mounts: [...provision.mounts, ...mounts],
      missing: [...provision.missing, ...missing, ...pointers],
    },
  };
}

/**
 * Fetches the submodules of a commit whose repositories have the same owner.
 * @param gitDir a bare repository that contains the commit
 * @returns `missing`: what is not there, one sentence each
 */
async function openSubmodules(
  { mirrors, webUrl, findSibling }: Options,
  repository: Repository,
  gitDir: string,
  commit: string,
): Promise<{ submodules: Submodule[]; missing: string[] }> {
  const submodules: Submodule[] = [];
  const missing: string[] = [];
  const all = await listSubmodules(gitDir, commit);
  if (all === null)
    return { submodules, missing: ['Git cannot read .gitmodules, so no submodule is there.'] };
  if (all.length > maxSubmodules)
    missing.push(`Only the first ${maxSubmodules} of ${all.length} submodules are there.`);
  for (const { path: place, url, commit: wanted } of all.slice(0, maxSubmodules)) {
    const skip = (why: string) =>
      missing.push(`The submodule ${place} (${url}) is not there, because ${why}.`);
    const name = findName(url, webUrl, repository);
    if (name === null) {
      skip('its repository has another owner');
      continue;
    }
    const sibling = await findSibling(repository, name);
    if (!sibling) {
      skip('this server may not read its repository (the App is not installed on it, or SUBMODULES)');
      continue;
    }
    try {
      const { folder } = mirrors.open(sibling);
      if (!(await isThere(folder, wanted))) await mirrors.update(sibling);
      if (await isThere(folder, wanted))
        submodules.push({ path: place, commit: wanted, mirrorFolder: folder });
      else skip(`its repository does not contain ${wanted.slice(0, 10)}`);
    } catch (error) {
      // RetryLater is not caught, because the submodule may be there later.
      if (!(error instanceof RunEndedError)) throw error;
      skip(`its repository could not be read (${error.message})`);
    }
  }
  return { submodules, missing };
}

/** A repository that was never fetched has no mirror yet. */
async function isThere(folder: string, commit: string): Promise<boolean> {
  return hasCommit({ gitDir: folder }, commit).catch((error: unknown) => {
    if (error instanceof GitError) return false;
    throw error;
  });
}

/** @returns null if git cannot read .gitmodules */
async function listSubmodules(
  gitDir: string,
  commit: string,
): Promise<{ path: string; url: string; commit: string }[] | null> {
  const tree = await hostGit({ gitDir }).raw('ls-tree', '-r', '-z', '--full-tree', commit);
  const links = new Map(
    [...tree.matchAll(/160000 commit ([0-9a-f]{40,64})\t([^\0]+)\0/g)].map(([, id = '', place = '']) => [
      place,
      id,
    ]),
  );
  if (links.size === 0 || (await listFiles({ gitDir }, commit, ['.gitmodules'])).length === 0) return [];
  const settings = await readSettings(gitDir, commit);
  if (settings === null) return null;
  const named = new Map<string, { path?: string; url?: string }>();
  for (const [, name = '', key, value] of settings.matchAll(/submodule\.([^\0]+)\.(path|url)\n([^\0]*)\0/g))
    named.set(name, { ...named.get(name), [key as string]: value });
  const found = new Map<string, { path: string; url: string; commit: string }>();
  for (const { path: place = '', url = '' } of named.values()) {
    const id = links.get(place);
    if (id && url && !found.has(place)) found.set(place, { path: place, url, commit: id });
  }
  return [...found.values()];
}

async function readSettings(gitDir: string, commit: string): Promise<string | null> {
  const options = ['--blob', `${commit}:.gitmodules`, '--list', '-z'];
  return hostGit({ gitDir })
    .raw('config', ...options)
    .catch((error: unknown) => {
      if (error instanceof GitError) return null;
      throw error;
    });
}

/** @returns the name of the submodule's repository; null if it is on another host or has another owner */
function findName(url: string, webUrl: string, { owner, name }: Repository): string | null {
  const plain = url.replace(/^(?:ssh:\/\/)?git@([^:/]+)[:/]/, 'https://$1/');
  const base = `${webUrl}/${owner}/${name}/`;
  if (!URL.canParse(plain, base)) return null;
  const { host, pathname } = new URL(plain, base);
  const [found = '', repository = '', ...rest] = pathname.slice(1).replace(/\/$/, '').split('/');
  const isSame = host === new URL(webUrl).host && found.toLowerCase() === owner.toLowerCase();
  return isSame && repository && rest.length === 0 ? repository.replace(/\.git$/, '') : null;
}

const maxNamed = 3;

/** Says which files of a commit are stored in Git LFS. They are not there, only pointers to them. */
async function describeLfsFiles(gitDir: string, commit: string): Promise<string[]> {
  // The search through all files takes long, so it needs a reason.
  if ((await findFiles(gitDir, commit, 'filter=lfs', ':(glob)**/.gitattributes')).length === 0) return [];
  const files = await findFiles(gitDir, commit, '^version https://git-lfs\\.github\\.com/spec/v1$', '.');
  if (files.length === 0) return [];
  const names = `${files.slice(0, maxNamed).join(', ')}${files.length > maxNamed ? ', …' : ''}`;
  return [
    `${files.length} ${files.length === 1 ? 'file is' : 'files are'} stored in Git LFS and only a pointer here: ${names}.`,
  ];
}

/** Lists the files of a commit that contain a line with this pattern. */
async function findFiles(gitDir: string, commit: string, pattern: string, paths: string): Promise<string[]> {
  const options = ['--files-with-matches', '-z', '-I', '-E', '--full-name'];
  const found = await hostGit({ gitDir })
    .raw('grep', ...options, '-e', pattern, commit, '--', paths)
    .catch((error: unknown) => {
      // `git grep` ends with exit code 1 and prints nothing if it finds nothing.
      if (error instanceof GitError && error.message.trim() === '') return '';
      throw error;
    });
  return found
    .split('\0')
    .filter(Boolean)
    .map((line) => line.slice(commit.length + 1));
}
