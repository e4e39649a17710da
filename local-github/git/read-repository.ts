import { gitText, runGit } from './run-git.js';

export interface Signature {
  name: string;
  email: string;
  date: string;
}

export interface CommitRecord {
  sha: string;
  tree: string;
  parents: string[];
  author: Signature;
  committer: Signature;
  message: string;
}

export interface ChangedFile {
  path: string;
  previousPath: string | null;
  sha: string;
  status: 'added' | 'removed' | 'modified' | 'renamed';
  additions: number;
  deletions: number;
}

export interface TreeEntry {
  mode: string;
  type: 'blob' | 'tree' | 'commit';
  sha: string;
  /** Size in bytes. The size of folders and submodules is 0. */
  size: number;
  path: string;
}

const noObject = '0000000000000000000000000000000000000000';

/**
 * Finds a commit by a name or sha.
 * @param name a branch, a tag, a ref without `refs/`, or a full or abbreviated sha
 * @returns the commit's sha; null when there is no such commit
 */
export async function resolveCommit(folder: string, name: string): Promise<string | null> {
  const candidates = /^[0-9a-f]{40}$/.test(name)
    ? [name]
    : [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${name}`];
  if (/^[0-9a-f]{7,39}$/.test(name)) candidates.push(name);
  const input = candidates.map((candidate) => `${candidate}^{commit}\n`).join('');
  const found = await gitText(folder, ['cat-file', '--batch-check=%(objectname)'], { input });
  return found.split('\n').find((line) => /^[0-9a-f]{40}$/.test(line)) ?? null;
}

/**
 * Lists the refs below a prefix such as `refs/heads/`.
 * @returns a map from full ref names to shas
 */
export async function listRefs(folder: string, prefix = 'refs/'): Promise<Map<string, string>> {
  const text = await gitText(folder, ['for-each-ref', '--format=%(objectname) %(refname)', prefix]);
  return new Map(
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(41), line.slice(0, 40)]),
  );
}

export async function readCommit(folder: string, sha: string): Promise<CommitRecord> {
  const format = '%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B';
  const text = await gitText(folder, ['show', '-s', `--format=${format}`, sha]);
  const [
    id = '',
    tree = '',
    parents = '',
    an = '',
    ae = '',
    ad = '',
    cn = '',
    ce = '',
    cd = '',
    message = '',
  ] = text.split('\0');
  return {
    sha: id,
    tree,
    parents: parents.split(' ').filter(Boolean),
    author: { name: an, email: ae, date: new Date(ad).toISOString() },
    committer: { name: cn, email: ce, date: new Date(cd).toISOString() },
    message: message.trimEnd(),
  };
}

/** Counts the commits that are reachable from `head` but not from `base`. */
export async function countCommits(folder: string, base: string, head: string): Promise<number> {
  return Number(await gitText(folder, ['rev-list', '--count', `${base}..${head}`]));
}

/**
 * Finds the merge base of two commits, which is their best common ancestor.
 * @returns its sha; null when there is none
 */
export async function findMergeBase(folder: string, one: string, other: string): Promise<string | null> {
  return (await gitText(folder, ['merge-base', one, other], { accept: [1] })).trim() || null;
}

/** Id of the empty tree. Git accepts this id in every repository, even if no commit has an empty tree. */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** Lists the files that differ between two commits. If `from` is null, lists all files of `to`. */
export async function listChanges(folder: string, from: string | null, to: string): Promise<ChangedFile[]> {
  const args = ['diff-tree', '-r', '-z', '-M', '--raw', '--numstat', '--no-abbrev', from ?? emptyTree, to];
  const fields = (await gitText(folder, args)).split('\0').filter(Boolean);
  const files = new Map<string, ChangedFile>();
  for (let at = 0; at < fields.length; ) {
    const field = fields[at++] ?? '';
    if (field.startsWith(':')) {
      const [, , , sha = '', letter = ''] = field.split(' ');
      const first = fields[at++] ?? '';
      const renamed = /^[RC]/.test(letter);
      const path = renamed ? (fields[at++] ?? '') : first;
      const previousPath = renamed ? first : null;
      files.set(path, { path, previousPath, sha, status: statusOf(letter), additions: 0, deletions: 0 });
    } else {
      const [additions = '', deletions = '', name = ''] = field.split('\t');
      if (!name) at++;
      const file = files.get(name || (fields[at++] ?? ''));
      // Git prints "-" instead of the line counts of a binary file. Count 0 lines then.
      if (file) Object.assign(file, { additions: Number(additions) || 0, deletions: Number(deletions) || 0 });
    }
  }
  return [...files.values()].filter(({ sha, status }) => status === 'removed' || sha !== noObject);
}

function statusOf(letter: string): ChangedFile['status'] {
  if (letter.startsWith('A') || letter.startsWith('C')) return 'added';
  if (letter.startsWith('D')) return 'removed';
  return letter.startsWith('R') ? 'renamed' : 'modified';
}

/**
 * Finds a file or folder in a commit. The path of the root folder is ''.
 * @returns null when it does not exist
 */
export async function findEntry(folder: string, commit: string, path: string): Promise<TreeEntry | null> {
  if (path === '') return { mode: '040000', type: 'tree', sha: `${commit}^{tree}`, size: 0, path };
  const entries = await readTree(folder, ['--full-tree', commit, '--', `:(literal)${path}`]);
  return entries.find((entry) => entry.path === path) ?? null;
}

/** Lists the entries of a folder in a commit. Their paths are relative to the root of the repository. */
export async function listFolder(folder: string, tree: TreeEntry): Promise<TreeEntry[]> {
  const entries = await readTree(folder, [tree.sha]);
  return entries.map((entry) => ({ ...entry, path: tree.path ? `${tree.path}/${entry.path}` : entry.path }));
}

export function readBlob(folder: string, sha: string): Promise<Buffer> {
  return runGit(folder, ['cat-file', 'blob', sha]);
}

async function readTree(folder: string, args: string[]): Promise<TreeEntry[]> {
  const text = await gitText(folder, ['ls-tree', '-z', '--long', ...args]);
  return text
    .split('\0')
    .filter(Boolean)
    .map((line) => {
      const [meta = '', path = ''] = [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)];
      const [mode = '', type = 'blob', sha = '', size = ''] = meta.split(/ +/);
      return { mode, type: type as TreeEntry['type'], sha, size: Number(size) || 0, path };
    });
}
