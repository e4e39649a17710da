import path from 'node:path';
import type { Coverage } from '../evidence.js';
import type { GoBlock } from './go-blocks.js';
import type { Records } from './read-records.js';

/** A changed Go file, with the numbers of its changed lines. */
export interface GoFile {
  path: string;
  /**
   * The name of the file in Go's own reports: the path of its module, followed by its path in the module.
   * Null if it belongs to no module.
   */
  name: string | null;
  text: string;
  lines: number[];
}

export function isGo(file: string): boolean {
  return file.endsWith('.go');
}

/**
 * Returns how Go's reports name a file.
 * @param readFile reads a file of the repository
 * @returns null if no go.mod above the file names a module
 */
export async function nameGoFile(
  file: string,
  readFile: (file: string) => Promise<string | null>,
): Promise<string | null> {
  for (let folder = path.posix.dirname(file); ; folder = path.posix.dirname(folder)) {
    const text = await readFile(path.posix.join(folder, 'go.mod'));
    const module = /^module[ \t]+"?([^\s"]+)/m.exec(text ?? '')?.[1];
    if (module) return `${module}/${path.posix.relative(folder, file)}`;
    if (folder === '.') return null;
  }
}

/** Adds to the coverage which changed lines of Go files run in tests. */
export function addGo(coverage: Coverage, files: readonly GoFile[], { go }: Records): Coverage {
  const sum: Coverage = structuredClone(coverage);
  for (const { path: file, name, text, lines } of files) {
    const blocks = name === null ? undefined : go.get(name);
    if (!blocks) {
      // A file without functions has nothing that runs.
      if (/^func\b|\bfunc *\(/m.test(text))
        sum.notes.push(`Pullwright could not measure which lines of ${file} run in tests.`);
      continue;
    }
    const source = text.split('\n');
    const missing: number[] = [];
    for (const line of lines) {
      const holding = blocks.filter((block) => hasCode(block, line, source[line - 1] ?? ''));
      if (holding.length === 0) continue;
      sum.lines += 1;
      if (holding.some(({ hasRun }) => hasRun)) sum.reached += 1;
      else missing.push(line);
    }
    if (missing.length > 0) sum.unreached.push({ file, lines: missing });
  }
  return sum;
}

/** Returns whether a block contains code of a line. Braces and comments are no code. */
function hasCode(block: GoBlock, line: number, text: string): boolean {
  if (line < block.startLine || line > block.endLine) return false;
  // Go counts columns in bytes.
  const bytes = Buffer.from(text);
  const from = line === block.startLine ? block.startColumn - 1 : 0;
  const to = line === block.endLine ? block.endColumn - 1 : bytes.length;
  const code = bytes
    .subarray(from, to)
    .toString()
    .replace(/\/\/.*$|\/\*.*?\*\//g, '');
  return /[^\s{}();,]/.test(code);
}
