import { z } from 'zod';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { TestCommand } from './commands/find-commands.js';
import { filesOf } from './run-suites.js';
import { readJsonLines } from './runners/parsers/json-lines.js';
import { runTestScript } from './test-script.js';

/** A time in which only this test ran. */
export interface TestWindow {
  /** The suites and the name of the test, joined by ` › `. */
  name: string;
  /** As `Date.now()` counts it, by the clock of the sandbox, which is that of this machine. */
  at: number;
  /** The end, in the same way; Infinity if it is not known. */
  until: number;
}

const Event = z.object({
  type: z.enum(['start', 'end', 'concurrent']),
  at: z.number(),
  /** The absolute path of the test file in the sandbox. */
  file: z.string(),
  names: z.array(z.string()),
});
type Event = z.infer<typeof Event>;

const maxName = 300;

/**
 * Runs the tests of one file, and records when each of them runs. The results of the tests are not read.
 * @returns the windows in order; null if the runner does not record them, if it ran tests at the same time or
 * of another file, or if the tests changed the clock
 */
export async function recordWindows(
  sandbox: Sandbox,
  tests: readonly TestCommand[],
  file: string,
  timeoutMs: number,
): Promise<TestWindow[] | null> {
  const test = tests.find((one) => filesOf(one, [file], tests).length > 0);
  if (!test) return null;
  const startedAt = Date.now();
  const { parts } = await runTestScript(sandbox, test, { files: [file], recordsStarts: true, timeoutMs });
  const windows = readWindows(parts.starts ?? '', `/workspace/${file}`);
  const endedAt = Date.now();
  return windows?.every(({ at }) => startedAt <= at && at <= endedAt) ? windows : null;
}

/**
 * @param file the absolute path of the test file in the sandbox
 * @returns null if there are none, or if they are not of one test after the other of this file
 */
export function readWindows(text: string, file: string): TestWindow[] | null {
  const windows: TestWindow[] = [];
  const open: string[][] = [];
  const close = (at: number) => {
    const last = windows.at(-1);
    if (last) last.until = Math.min(last.until, at);
  };
  const start = (names: string[], at: number) => {
    close(at);
    windows.push({ name: names.join(' › ').slice(0, maxName).toWellFormed(), at, until: Infinity });
  };
  for (const { type, at, names, file: from } of readEvents(text)) {
    if (from !== file || type === 'concurrent') return null;
    const outer = open.at(-1);
    if (type === 'start') {
      // A test can contain others. Their names begin with its names.
      if (outer && !isInside(names, outer)) return null;
      open.push(names);
      start(names, at);
    } else if (outer && isSame(outer, names)) {
      open.pop();
      close(at);
      const parent = open.at(-1);
      if (parent) start(parent, at);
    }
    // A skipped test can end without a start.
    else if (open.some((one) => isSame(one, names))) return null;
  }
  return windows.length > 0 ? windows : null;
}

function isInside(names: readonly string[], outer: readonly string[]): boolean {
  return names.length > outer.length && isSame(names.slice(0, outer.length), outer);
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index]);
}

/** Reads the events of all processes, in order. Tests can write anything to the files. */
function readEvents(text: string): Event[] {
  return readJsonLines(text, Event).sort((one, other) => one.at - other.at);
}
