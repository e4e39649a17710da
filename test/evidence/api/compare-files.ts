import { compareApi } from '../../../src/evidence/api/compare-api.js';
import type { Change } from '../../../src/workspace/workspace.js';

export type Files = Record<string, string>;

/** Compares the API that two sets of files describe. */
export function compare(before: Files, after: Files) {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const statusOf = (path: string) =>
    before[path] === undefined ? 'added' : after[path] === undefined ? 'deleted' : 'modified';
  return compareApi({
    changes: paths
      .filter((path) => before[path] !== after[path])
      .map((path) => ({ path, status: statusOf(path) }) as Change),
    paths: { before: Object.keys(before), after: Object.keys(after) },
    readFile: async (when, path) => (when === 'before' ? before : after)[path] ?? null,
    findWord: async (when, word) =>
      Object.entries(when === 'before' ? before : after).flatMap(([path, text]) =>
        new RegExp(`\\b${word}\\b`).test(text) ? [path] : [],
      ),
  });
}
