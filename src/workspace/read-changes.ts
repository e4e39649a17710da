import type { GitStore } from './git-store.js';
import { hostGit } from './host-git.js';

/** A path that differs between two commits. */
export interface Change {
  path: string;
  /** The earlier path of a renamed file. */
  from?: string;
  status: 'added' | 'modified' | 'deleted' | 'renamed';
  /** Git file modes before and after the change; `000000` if there is no file. */
  oldMode: string;
  newMode: string;
  /** Id of the blob after the change; null if the file was deleted or is a submodule. */
  blob: string | null;
  /** Id of the blob before the change; null if the file was added or was a submodule. */
  oldBlob: string | null;
  /** Size of the blob after the change, in bytes; 0 if there is no blob. */
  size: number;
  /** Numbers of added and deleted lines; null for a binary file. */
  added: number | null;
  deleted: number | null;
}

/** Files that a checkpoint could not include, or could include only as they are. */
export interface OmittedPaths {
  /** Folders that are themselves git repositories. */
  nestedRepositories: string[];
  /** Paths that git refuses to add, such as names that imitate `.git`. */
  refusedPaths: string[];
  /** Files that exceed GitHub's limit of 100 MB. */
  tooLarge: string[];
  /**
   * Changed files that a filter of .gitattributes should convert, such as `lfs`, with the name of the filter.
   * No filter ran, so the checkpoint contains them as they are in the agent's tree.
   */
  filters: Map<string, string>;
}

export interface AddedLine {
  line: number;
  text: string;
}

/** With these flags, git runs no program that the repository configures. */
const noPrograms = ['--no-ext-diff', '--no-textconv'];

/** Returns the differences between two commits, sorted by path. */
export async function readChanges(store: GitStore, base: string, commit: string): Promise<Change[]> {
  const flags = ['-r', '-z', '-M', '--raw', '--numstat', '--no-abbrev', ...noPrograms];
  const fields = readFields(await hostGit(store).raw('diff-tree', ...flags, base, commit));
  // Git first prints the raw entries of all files, each with a leading colon. It then prints the line counts
  // of all files.
  const changes: Change[] = [];
  while (fields.peek()?.startsWith(':')) changes.push(parseRawEntry(fields));
  const counts = parseNumstat(fields);
  return addSizes(
    store,
    changes.map((change) => ({ ...change, ...counts.get(change.path) })),
  );
}

function parseRawEntry(fields: Fields): Change {
  const [, oldMode = '', newMode = '', oldBlob = '', blob = '', letter = ''] =
    /^:(\d+) (\d+) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])/.exec(fields.next()) ?? [];
  const first = fields.next();
  const isRenamed = letter === 'R' || letter === 'C';
  const status = isRenamed ? 'renamed' : letter === 'A' ? 'added' : letter === 'D' ? 'deleted' : 'modified';
  const submodule = '160000';
  return {
    path: isRenamed ? fields.next() : first,
    ...(isRenamed && { from: first }),
    status,
    oldMode,
    newMode,
    blob: status === 'deleted' || newMode === submodule ? null : blob,
    oldBlob: status === 'added' || oldMode === submodule ? null : oldBlob,
    size: 0,
    added: null,
    deleted: null,
  };
}

function parseNumstat(fields: Fields): Map<string, Pick<Change, 'added' | 'deleted'>> {
  const counts = new Map<string, Pick<Change, 'added' | 'deleted'>>();
  const parseCount = (text: string) => (text === '-' ? null : Number(text));
  while (fields.peek() !== undefined) {
    const [added = '-', deleted = '-', file = ''] = fields.next().split('\t');
    // For a renamed file, git prints an empty path here. The old path and the new path follow in two separate
    // fields.
    if (file === '') fields.next();
    counts.set(file === '' ? fields.next() : file, {
      added: parseCount(added),
      deleted: parseCount(deleted),
    });
  }
  return counts;
}

async function addSizes(store: GitStore, changes: Change[]): Promise<Change[]> {
  const blobs = changes.flatMap(({ blob }) => blob ?? []);
  if (blobs.length === 0) return changes;
  const git = hostGit({ ...store, input: `${blobs.join('\n')}\n` });
  const answer = await git.raw('cat-file', '--batch-check=%(objectname) %(objectsize)');
  const sizes = new Map(
    answer
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
  return changes.map((change) => ({ ...change, size: Number(sizes.get(change.blob ?? '') ?? 0) }));
}

/** Reads the list of omitted paths, which checkpointScript writes into the commit message of a checkpoint. */
export async function readOmittedPaths(store: GitStore, commit: string): Promise<OmittedPaths> {
  const message = await hostGit(store).raw('log', '-1', '--format=%B', commit);
  const pathsOf = (kind: string) =>
    message.split('\n').flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : []));
  return {
    nestedRepositories: pathsOf('nested'),
    refusedPaths: pathsOf('refused'),
    tooLarge: pathsOf('large'),
    filters: new Map(pathsOf('filtered').map((entry) => splitFiltered(entry))),
  };
}

/** Splits the name of a filter and a path. The name contains no space. */
function splitFiltered(entry: string): [path: string, filter: string] {
  const end = entry.indexOf(' ');
  return [entry.slice(end + 1), entry.slice(0, end)];
}

export async function readAddedLines(
  store: GitStore,
  base: string,
  commit: string,
  file: string,
): Promise<AddedLine[]> {
  const flags = ['-p', '-U0', '-M', '--text', ...noPrograms];
  const diff = await hostGit(store).raw('diff-tree', ...flags, base, commit, '--', `:(literal)${file}`);
  const added: AddedLine[] = [];
  let line = 0;
  let inHunk = false;
  for (const row of diff.split('\n')) {
    const start = /^@@ -\S+ \+(\d+)/.exec(row)?.[1];
    if (start) {
      line = Number(start);
      inHunk = true;
    } else if (inHunk && row.startsWith('+')) added.push({ line: line++, text: row.slice(1) });
  }
  return added;
}

export async function readBlob(store: GitStore, blob: string): Promise<Buffer> {
  return (await hostGit(store).binaryCatFile(['blob', blob])) as Buffer;
}

/** Reads fields that end with NUL, one after another. */
interface Fields {
  /** Returns the next field without moving past it; undefined at the end. */
  peek(): string | undefined;
  /** Returns the next field and moves past it; '' at the end. */
  next(): string;
}

function readFields(text: string): Fields {
  const fields = text.split('\0');
  if (fields.at(-1) === '') fields.pop();
  let index = 0;
  return { peek: () => fields[index], next: () => fields[index++] ?? '' };
}
