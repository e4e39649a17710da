const maxDepth = 200;

/**
 * Whether a text is nested so deeply that a parser would exhaust the stack. V8 ends the whole process if it
 * compiles a regular expression then.
 */
export function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const [character] of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + (character === '[' || character === '{' ? 1 : -1));
    if (depth > maxDepth) return true;
  }
  // Lists of lists in one line, and indentation of many levels.
  return /(?:[-?:][ \t]+){100}|^[ \t]{400}/m.test(text);
}
