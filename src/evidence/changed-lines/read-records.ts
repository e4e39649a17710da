import { z } from 'zod';
import { readJsonLines } from '../runners/parsers/json-lines.js';
import { type GoBlock, parseGoBlock } from './go-blocks.js';

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

const lines = z.array(z.number().int().positive());
/** What reporters/python_coverage.py wrote: the lines of a file that can run, or lines that ran. */
const PythonLines = z.object({
  python: z.string(),
  code: lines.optional(),
  ran: lines.optional(),
});
/** Whether a Python process recorded its lines until its end. */
const PythonEnd = z.object({ traced: z.boolean() });
/** A line of a cover profile of Go. */
const GoLine = z.object({ go: z.string() });

export interface Records {
  processes: ProcessRecord[];
  codes: Map<string, Code>;
  python: {
    /** The lines that can run, by file. */
    code: Map<string, Set<number>>;
    ran: Map<string, Set<number>>;
    /** Whether another tool kept a process from recording its lines. */
    isHidden: boolean;
  };
  /** The blocks of Go files, by the names that Go has for the files. */
  go: Map<string, GoBlock[]>;
}

export function noRecords(): Records {
  return {
    processes: [],
    codes: new Map(),
    python: { code: new Map(), ran: new Map(), isHidden: false },
    go: new Map(),
  };
}

/** Tests can write any number of records. */
const maxProcesses = 5000;

/**
 * Reads what reporters/coverage.cjs, python_coverage.py and Go wrote, and adds it to `records`. Skips what it
 * cannot read: test code can change these files.
 * @param shift added to the ids of processes
 */
export function addRecords(records: Records, text: string, shift: number): void {
  const { processes, codes, python } = records;
  for (const line of readJsonLines(text, z.union([ProcessRecord, Code, PythonLines, PythonEnd, GoLine]))) {
    if ('go' in line) addBlock(records.go, line.go);
    else if ('traced' in line) python.isHidden ||= !line.traced;
    else if ('python' in line) {
      addLines(python.code, line.python, line.code);
      addLines(python.ran, line.python, line.ran);
    } else if ('text' in line) codes.set(line.code, line);
    else if (processes.length < maxProcesses)
      processes.push({ ...line, pid: line.pid + shift, ppid: line.ppid + shift });
  }
}

function addBlock(all: Map<string, GoBlock[]>, line: string): void {
  const parsed = parseGoBlock(line);
  if (!parsed) return;
  const blocks = all.get(parsed.file) ?? [];
  blocks.push(parsed.block);
  all.set(parsed.file, blocks);
}

function addLines(all: Map<string, Set<number>>, file: string, lines: readonly number[] | undefined): void {
  if (!lines) return;
  const known = all.get(file) ?? new Set();
  for (const line of lines) known.add(line);
  all.set(file, known);
}
