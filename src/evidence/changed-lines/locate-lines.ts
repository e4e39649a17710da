import { decodedMappings, TraceMap } from '@jridgewell/trace-mapping';
import type { CodeLine } from './find-code-lines.js';
import type { Code } from './read-records.js';

/** A changed file with its lines that can run. */
export interface ChangedFile {
  path: string;
  text: string;
  /** The changed lines that can run. */
  lines: CodeLine[];
}

/** A place in the source code that ran, and the line of the changed file that it comes from. */
export interface Place {
  offset: number;
  line: number;
}

/**
 * Finds where the lines of a changed file are in the source code that ran.
 * @param ranAs the path from which the code was loaded
 * @returns the places in the order of their offsets; null if the code does not come from the file as it is
 */
export function locateLines(
  { path, text, lines }: ChangedFile,
  ranAs: string,
  code: Code,
  startColumn: number,
): Place[] | null {
  if (code.map) return locateByMap(path, lines, code.text, code.map, startColumn);
  if (ranAs !== path || !isSame(text, code.text)) return null;
  return lines.flatMap(({ line, words }) => words.map(({ offset }) => ({ offset, line })));
}

/** Newer versions of Node replace the types in a file by spaces before they run it. */
function isSame(text: string, ran: string): boolean {
  if (text === ran) return true;
  if (text.length !== ran.length) return false;
  for (let at = 0; at < text.length; at += 1) if (ran[at] !== text[at] && ran[at] !== ' ') return false;
  return true;
}

function locateByMap(
  path: string,
  lines: readonly CodeLine[],
  text: string,
  { sources, mappings }: NonNullable<Code['map']>,
  startColumn: number,
): Place[] | null {
  const source = sources.indexOf(path);
  if (source === -1) return null;
  const columns = new Map(lines.map(({ line, words }) => [line, new Set(words.map(({ column }) => column))]));
  const starts = findLineStarts(text);
  const shift = Math.max(-startColumn, wrapper.exec(text)?.[0].length ?? 0);
  const all: (Place & { isWord: boolean })[] = [];
  for (const [row, segments] of decode(mappings).entries()) {
    for (const [column, from, line, fromColumn] of segments) {
      const wanted = from === source ? columns.get((line ?? 0) + 1) : undefined;
      const offset = (starts[row] ?? text.length) + column + (row === 0 ? shift : 0);
      if (wanted) all.push({ offset, line: (line ?? 0) + 1, isWord: wanted.has(fromColumn ?? -1) });
    }
  }
  // Compilers map what they add, such as assignments to `exports`, to places between the words.
  const exact = new Set(all.flatMap(({ line, isWord }) => (isWord ? line : [])));
  return all.filter(({ line, isWord }) => isWord || !exact.has(line)).sort((a, b) => a.offset - b.offset);
}

/** Jest puts the code of a module into a function, and the source map does not know this prefix. */
const wrapper = /^\(\{"Object\.<anonymous>":function\([^)]*\)\{/;

function findLineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

type Segment = readonly [column: number, source?: number, line?: number, fromColumn?: number, name?: number];

/** @returns [] if the mappings are invalid. Test code can have written them. */
function decode(mappings: string): readonly (readonly Segment[])[] {
  try {
    return decodedMappings(new TraceMap({ version: 3, sources: [], names: [], mappings }));
  } catch {
    return [];
  }
}
