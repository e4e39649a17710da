import { z } from 'zod';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { TestCommand } from './commands/find-commands.js';
import { filesOf } from './run-suites.js';
import { readJsonLines } from './runners/parsers/json-lines.js';
import { getRunner } from './runners/runners.js';
import { runTestScript } from './test-script.js';

/** A time in which only this test ran. */
export interface TestWindow {
  /** The suites and the name of the test, joined by ` › `. */
  name: string;
  /** As `Date.now()` counts it, by the clock of the sandbox, which is that of this machine. */
  at: number;
  /** The end, in the same way. If it is not known, it is that of the command. */
  until: number;
}

const Event = z.object({
  type: z.enum(['load', 'start', 'end', 'concurrent', 'exit']),
  at: z.number(),
  /** The absolute path of the test file in the sandbox. */
  file: z.string(),
  names: z.array(z.string()),
});
type Event = z.infer<typeof Event>;

const maxName = 300;

/**
 * Runs the tests of some files, and records when each of them runs. The results of the tests are not read. If
 * the runner runs one file after the other, all files run in one command. A file that did not run alone in
 * this command gets a command of its own.
 * @param files paths relative to the repository's root
 * @param deadline the time at which everything must have ended, as `Date.now()` counts it
 * @returns for each file its windows in order; null if the runner does not record them, if it ran tests at
 * the same time or of another file, if the tests changed the clock, or if no time was left
 */
export async function recordWindows(
  sandbox: Sandbox,
  tests: readonly TestCommand[],
  files: readonly string[],
  deadline: number,
): Promise<Map<string, TestWindow[] | null>> {
  const recorded = new Map<string, TestWindow[] | null>();
  const record = async (test: TestCommand, some: readonly string[]) => {
    const timeoutMs = deadline - Date.now();
    if (timeoutMs < minRestMs) return new Map<string, TestWindow[] | null>();
    const startedAt = Date.now();
    const { parts } = await runTestScript(sandbox, test, { files: some, recordsStarts: true, timeoutMs });
    return readFiles(parts.starts ?? '', some, startedAt, Date.now());
  };
  for (const test of tests) {
    const own = filesOf(test, files, tests);
    const isTogether = own.length > 1 && getRunner(test.runner).report?.runsFilesInTurn === true;
    for (const [file, windows] of isTogether ? await record(test, own) : []) recorded.set(file, windows);
    for (const file of own)
      if (!recorded.has(file)) recorded.set(file, (await record(test, [file])).get(file) ?? null);
  }
  return new Map(files.map((file) => [file, recorded.get(file) ?? null]));
}

/** With less time than this, no further command starts. */
const minRestMs = 1000;

/**
 * Reads the windows of the files of one command.
 * @returns the files that ran alone, each with its windows; null if these are not known
 */
export function readFiles(
  text: string,
  files: readonly string[],
  startedAt: number,
  endedAt: number,
): Map<string, TestWindow[] | null> {
  const events = readEvents(text);
  const spans = files.flatMap((file) => {
    const own = events.filter((one) => one.file === `/workspace/${file}`);
    const [first, last] = [own[0], own.at(-1)];
    return first && last ? [{ file, own, first, last }] : [];
  });
  // Something else ran, too.
  if (events.length > spans.reduce((sum, { own }) => sum + own.length, 0)) return new Map();
  // Without the start and the end of its process, a file could have run a statement at any time.
  const isKnown = spans.every(({ first, last }) => first.type === 'load' && last.type === 'exit');
  const isAlone = ({ first, last }: (typeof spans)[number]) =>
    files.length === 1 ||
    (isKnown &&
      spans.every((one) => one.first === first || one.last.at < first.at || last.at < one.first.at));
  return new Map(
    spans.filter(isAlone).map(({ file, own, last }) => {
      const end = last.type === 'exit' ? last.at : endedAt;
      const windows = readWindows(own)?.map((one) => ({ ...one, until: Math.min(one.until, end) }));
      const isInTime = windows?.every(({ at }) => startedAt <= at && at <= endedAt);
      return [file, (isInTime && windows) || null];
    }),
  );
}

/** @returns null if there are none, or if they are not of one test after the other */
function readWindows(events: readonly Event[]): TestWindow[] | null {
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
  for (const { type, at, names } of events) {
    if (type === 'concurrent') return null;
    if (type === 'load' || type === 'exit') continue;
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
