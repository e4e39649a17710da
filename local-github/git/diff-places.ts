import { gitText } from './run-git.js';

export type Side = 'LEFT' | 'RIGHT';

interface Hunk {
  /** First line and number of lines, on the left and on the right side. */
  left: [start: number, count: number];
  right: [start: number, count: number];
  lines: string[];
}

/**
 * Returns the hunk of a diff that shows a line, as GitHub adds it to a comment: from the hunk's header to
 * the line.
 * @returns null if the diff does not show the line
 */
export async function findHunk(
  folder: string,
  [from, to]: [string, string],
  file: string,
  { line, side }: { line: number; side: Side },
): Promise<string | null> {
  for (const hunk of await readHunks(folder, [from, to], file, 3)) {
    let [left] = hunk.left;
    let [right] = hunk.right;
    for (const [index, text] of hunk.lines.entries()) {
      const isRemoved = text.startsWith('-');
      const isAdded = text.startsWith('+');
      const isAtLine = side === 'LEFT' ? left === line && !isAdded : right === line && !isRemoved;
      if (isAtLine) return [renderHeader(hunk), ...hunk.lines.slice(0, index + 1)].join('\n');
      if (!isAdded) left += 1;
      if (!isRemoved) right += 1;
    }
  }
  return null;
}

/**
 * Finds where a line of a commit is in a later commit.
 * @returns null if later commits changed or removed the line
 */
export async function followLine(
  folder: string,
  commits: [string, string],
  file: string,
  line: number,
): Promise<number | null> {
  let shift = 0;
  for (const { left, right } of await readHunks(folder, commits, file, 0)) {
    const [start, count] = left;
    // A hunk without lines on the left adds lines after `start`.
    if (count === 0 ? start >= line : start > line) break;
    if (count > 0 && line < start + count) return null;
    shift += right[1] - count;
  }
  return line + shift;
}

async function readHunks(
  folder: string,
  [from, to]: [string, string],
  file: string,
  context: number,
): Promise<Hunk[]> {
  const text = await gitText(folder, ['diff', `-U${context}`, '--no-renames', from, to, '--', file]);
  const hunks: Hunk[] = [];
  for (const line of text.split('\n')) {
    const [, a, b = '1', c, d = '1'] = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (a) hunks.push({ left: [Number(a), Number(b)], right: [Number(c), Number(d)], lines: [] });
    else if (/^[ +-]/.test(line)) hunks.at(-1)?.lines.push(line);
  }
  return hunks;
}

function renderHeader({ left, right }: Hunk): string {
  return `@@ -${left.join()} +${right.join()} @@`;
}
