import { z } from 'zod';
import { readJsonLines } from '../runners/parsers/json-lines.js';

const offset = z.number().int().nonnegative();

/** What one process or thread of the tests ran. */
const ProcessRecord = z.object({
  pid: z.number(),
  ppid: z.number(),
  /** Files of the repository that it loaded, and the sources from which these files are built. */
  loaded: z.array(z.string()),
  /** Scripts that are changed files or are built from changed files. */
  scripts: z.array(
    z.object({
      file: z.string(),
      /** The name of the source code that ran. */
      code: z.string(),
      /** A negative number if a prefix was added to the first line. */
      startColumn: z.number().int(),
      /** Three numbers per range: its start, its end, and 1 if it ran. The innermost range counts. */
      ranges: z.array(offset),
    }),
  ),
});
export type ProcessRecord = z.infer<typeof ProcessRecord>;

/** Source code that ran. */
const Code = z.object({
  code: z.string(),
  text: z.string(),
  map: z.object({ sources: z.array(z.string()), mappings: z.string() }).nullable(),
});
export type Code = z.infer<typeof Code>;

export interface Records {
  processes: ProcessRecord[];
  codes: Map<string, Code>;
}

/** Tests can write any number of records. */
const maxProcesses = 5000;

/** Reads what reporters/coverage.cjs wrote. Skips what it cannot read: test code can change these files. */
export function readRecords(text: string): Records {
  const lines = readJsonLines(text, z.union([ProcessRecord, Code]));
  const processes = lines.filter((line): line is ProcessRecord => 'pid' in line).slice(0, maxProcesses);
  const codes = lines
    .filter((line): line is Code => 'text' in line)
    .map((line) => [line.code, line] as const);
  return { processes, codes: new Map(codes) };
}
