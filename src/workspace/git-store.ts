import { existsSync } from 'node:fs';
import path from 'node:path';
import { hostGit } from './host-git.js';

/** A run's bare repository on the host. It uses the mirror's objects without copying them. */
export interface GitStore {
  gitDir: string;
  /** Object folders of other repositories, which git searches in addition to the objects in `gitDir`. */
  alternates: string[];
}

/** Opens the store in `gitDir`. Creates the store if it does not exist. */
export async function openGitStore(gitDir: string, mirrorFolder: string): Promise<GitStore> {
  if (!existsSync(path.join(gitDir, 'HEAD')))
    await hostGit({ gitDir }).raw('init', '--quiet', '--bare', gitDir);
  return { gitDir, alternates: [path.join(mirrorFolder, 'objects')] };
}

type StoreToRead = Pick<GitStore, 'gitDir'> & Partial<GitStore>;

export async function hasCommit({ gitDir, alternates }: StoreToRead, commit: string): Promise<boolean> {
  const git = hostGit({ gitDir, ...(alternates && { alternates }), input: `${commit}\n` });
  return !(await git.raw('cat-file', '--batch-check')).trim().endsWith('missing');
}

const maxBlobBytes = 16 * 1024 * 1024;

/** Lists the paths of all files in a commit. `only` restricts the list to these paths. */
export async function listFiles(
  store: StoreToRead,
  commit: string,
  only: readonly string[] = [],
): Promise<string[]> {
  const paths = only.map((one) => `:(literal)${one}`);
  const options = ['-r', '-z', '--name-only', '--full-tree'];
  const listed = await hostGit(store).raw('ls-tree', ...options, commit, '--', ...paths);
  return listed.split('\0').filter(Boolean);
}

/**
 * Reads a file of a commit as text. The text is cut at `maxBytes`.
 * @returns null if the commit has no such file, or if the file is larger than 16 MB
 */
export async function readFile(
  store: StoreToRead,
  commit: string,
  file: string,
  maxBytes = maxBlobBytes,
): Promise<string | null> {
  const git = hostGit(store);
  const listed = await git.raw('ls-tree', '-z', '-l', '--full-tree', commit, '--', `:(literal)${file}`);
  const [entry = ''] = listed.split('\0');
  const [, kind, blob, size] = /^100\d+ (blob) ([0-9a-f]+) +(\d+)\t/.exec(entry) ?? [];
  if (kind !== 'blob' || !blob || Number(size) > maxBlobBytes) return null;
  const bytes = (await git.binaryCatFile(['blob', blob])) as Buffer;
  return bytes.subarray(0, maxBytes).toString('utf8');
}

/** Returns the paths of the text files in a commit that contain a word. */
export async function findWord(store: StoreToRead, commit: string, word: string): Promise<string[]> {
  const options = ['-l', '-z', '-I', '-w', '-F', '--full-name', '--no-color', '--no-recurse-submodules'];
  const listed = await hostGit(store).raw('grep', ...options, '-e', word, commit);
  return listed.split('\0').flatMap((entry) => (entry ? [entry.slice(commit.length + 1)] : []));
}
