import type { Reach } from '../changed-lines/measure-coverage.js';
import { type Edit, findMutations } from './find-mutations.js';

/** A mutation with the test files that can notice it; null if any test can. */
export interface Candidate {
  edit: Edit;
  /** Offsets of the replaced code, in bytes of UTF-8. */
  from: number;
  to: number;
  tests: string[] | null;
}

/**
 * Chooses mutations of lines that run in tests. Prefers those that say the most about the tests, and spreads
 * them over the lines. The same change always gets the same mutations.
 * @param texts the content of the changed files, by their paths
 */
export function chooseMutations(
  texts: ReadonlyMap<string, string>,
  reach: readonly Reach[],
  most: number,
): Candidate[] {
  const turns = new Map<string, number>();
  const candidates = [...texts].flatMap(([file, text]) => {
    const lines = new Map(
      reach.flatMap((one) => (one.file === file ? one.lines.map((line) => [line, one.tests] as const) : [])),
    );
    const edits = findMutations(file, text, new Set(lines.keys()));
    return edits.map((edit) => ({ edit, tests: lines.get(edit.line) ?? null }));
  });
  const byRank = candidates.sort((a, b) => a.edit.rank - b.edit.rank);
  const ordered = byRank.map((candidate) => {
    const place = `${candidate.edit.file}:${candidate.edit.line}`;
    const turn = turns.get(place) ?? 0;
    turns.set(place, turn + 1);
    return { candidate, turn };
  });
  return ordered
    .sort((a, b) => a.turn - b.turn)
    .slice(0, most)
    .map(({ candidate: { edit, tests } }) => {
      const bytesTo = (offset: number) => Buffer.byteLength((texts.get(edit.file) ?? '').slice(0, offset));
      return { edit, from: bytesTo(edit.start), to: bytesTo(edit.end), tests };
    });
}
