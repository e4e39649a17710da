import { hostGit } from './host-git.js';
import type { Change, LeftOut } from './workspace.js';

/** Where the host reads checkpoints: its own bare repository, on top of the mirror's objects. */
export interface Store {
  gitDir: string;
  alternates: string[];
}

const noPrograms = ['--no-ext-diff', '--no-textconv'];

/** What a commit changes relative to the base, by path. */
export async function readChanges(store: Store, base: string, commit: string): Promise<Change[]> {
  const form = ['-r', '-z', '-M', '--raw', '--numstat', '--no-abbrev', ...noPrograms];
  const raw = fields(await hostGit(store).raw('diff-tree', ...form, base, commit));
  const changes: Change[] = [];
  // The modes and blobs of all files come first, a colon before each; then the lines of all of them.
  while (raw[0]?.startsWith(':')) {
    const [, oldMode = '', newMode = '', oldBlob = '', blob = '', letter = ''] =
      /^:(\d+) (\d+) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])/.exec(raw.shift() ?? '') ?? [];
    const first = raw.shift() ?? '';
    const renamed = letter === 'R' || letter === 'C';
    const file = renamed ? (raw.shift() ?? '') : first;
    const status = renamed ? 'renamed' : letter === 'A' ? 'added' : letter === 'D' ? 'deleted' : 'modified';
    changes.push({
      path: file,
      ...(renamed && { from: first }),
      status,
      oldMode,
      newMode,
      blob: status === 'deleted' || newMode === '160000' ? null : blob,
      oldBlob: status === 'added' || oldMode === '160000' ? null : oldBlob,
      size: 0,
      added: null,
      deleted: null,
    });
  }
  const lines = parseNumstat(raw);
  return withSizes(
    store,
    changes.map((change) => ({ ...change, ...lines.get(change.path) })),
  );
}

export async function readLeftOut(store: Store, commit: string): Promise<LeftOut> {
  const message = await hostGit(store).raw('log', '-1', '--format=%B', commit);
  const named = (kind: string) =>
    message.split('\n').flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : []));
  return { nestedRepositories: named('nested'), refusedPaths: named('refused'), tooLarge: named('large') };
}

export async function readAddedLines(store: Store, base: string, commit: string, file: string) {
  const diff = await hostGit(store).raw(
    'diff-tree',
    '-p',
    '-U0',
    '-M',
    '--text',
    ...noPrograms,
    base,
    commit,
    '--',
    `:(literal)${file}`,
  );
  const added: { line: number; text: string }[] = [];
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

export async function readBlob(store: Store, blob: string): Promise<Buffer> {
  return (await hostGit(store).binaryCatFile(['blob', blob])) as Buffer;
}

async function withSizes(store: Store, changes: Change[]): Promise<Change[]> {
  const blobs = changes.flatMap(({ blob }) => blob ?? []);
  if (blobs.length === 0) return changes;
  const answer = await hostGit({ ...store, input: `${blobs.join('\n')}\n` }).raw(
    'cat-file',
    '--batch-check=%(objectname) %(objectsize)',
  );
  const sizes = new Map(
    answer
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
  return changes.map((change) => ({ ...change, size: Number(sizes.get(change.blob ?? '') ?? 0) }));
}

function parseNumstat(parts: string[]): Map<string, { added: number | null; deleted: number | null }> {
  const counts = new Map<string, { added: number | null; deleted: number | null }>();
  while (parts.length > 0) {
    const [added = '-', deleted = '-', file = ''] = (parts.shift() ?? '').split('\t');
    // A rename has an empty name here, and the old and the new one behind it.
    const name = file === '' ? (parts.splice(0, 2)[1] ?? '') : file;
    counts.set(name, {
      added: added === '-' ? null : Number(added),
      deleted: deleted === '-' ? null : Number(deleted),
    });
  }
  return counts;
}

function fields(text: string): string[] {
  const parts = text.split('\0');
  if (parts.at(-1) === '') parts.pop();
  return parts;
}
