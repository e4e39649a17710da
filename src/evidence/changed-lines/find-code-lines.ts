import { isDeclarative, parseScript, walk } from './parse-script.js';

/** A line of source code that can run. */
export interface CodeLine {
  line: number;
  /** Where the words of the line begin. */
  words: { offset: number; column: number }[];
}

/** Words that do nothing themselves. Their line counts only if something else is on it. */
const silent = new Set([
  ...['export', 'default', 'async', 'static', 'public', 'private', 'protected', 'readonly', 'abstract'],
  ...['override', 'else', 'try', 'finally', 'do'],
]);

/**
 * Finds the lines of a file that can run. Comments, blank lines, brackets, imports and types are left out.
 * @returns null if the file cannot be parsed
 */
export function findCodeLines(file: string, text: string): CodeLine[] | null {
  const script = parseScript(file, text);
  if (!script) return null;
  const leftOut: { start: number; end: number }[] = [];
  walk(script.program, (node) => {
    if (!isDeclarative(node)) return true;
    leftOut.push(node);
    return false;
  });
  const lines = new Map<number, CodeLine>();
  let next = 0;
  // Both lists are in the order of the file.
  for (const { text: word, start, line, column } of script.tokens) {
    while ((leftOut[next]?.end ?? Number.POSITIVE_INFINITY) <= start) next += 1;
    if (start >= (leftOut[next]?.start ?? Number.POSITIVE_INFINITY)) continue;
    if (!/^[\p{L}\p{N}_$#'"`/]/u.test(word) || silent.has(word)) continue;
    const known = lines.get(line) ?? { line, words: [] };
    known.words.push({ offset: start, column });
    lines.set(line, known);
  }
  return [...lines.values()];
}
