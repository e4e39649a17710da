/** A part of a file that runs as a whole, from the first place to the last. Columns count from 1. */
export interface GoBlock {
  startLine: number;
  startColumn: number;
  endLine: number;
  endColumn: number;
  hasRun: boolean;
}

/** Reads a line of a cover profile, such as `example.org/shop/price.go:3.24,5.2 1 0`. */
export function parseGoBlock(line: string): { file: string; block: GoBlock } | null {
  const found = /^(.+):(\d+)\.(\d+),(\d+)\.(\d+) \d+ (\d+)$/.exec(line);
  if (!found) return null;
  const [startLine = 0, startColumn = 0, endLine = 0, endColumn = 0, times = 0] = found.slice(2).map(Number);
  return { file: found[1] ?? '', block: { startLine, startColumn, endLine, endColumn, hasRun: times > 0 } };
}
