import type { Coverage } from '../evidence.js';
import type { Records } from './read-records.js';

/** A changed Python file, with the numbers of its changed lines. */
export interface PythonFile {
  path: string;
  lines: number[];
}

export function isPython(file: string): boolean {
  return file.endsWith('.py');
}

/** Adds to the coverage which changed lines of Python files run in tests. */
export function addPython(coverage: Coverage, files: readonly PythonFile[], { python }: Records): Coverage {
  const sum: Coverage = structuredClone(coverage);
  for (const { path, lines } of files) {
    const code = python.code.get(path);
    if (!code || python.isHidden) {
      sum.notes.push(`Pullwright could not measure which lines of ${path} run in tests.`);
      continue;
    }
    const ran = python.ran.get(path) ?? new Set();
    const counted = lines.filter((line) => code.has(line));
    const missing = counted.filter((line) => !ran.has(line));
    sum.lines += counted.length;
    sum.reached += counted.length - missing.length;
    if (missing.length > 0) sum.unreached.push({ file: path, lines: missing });
  }
  return sum;
}
