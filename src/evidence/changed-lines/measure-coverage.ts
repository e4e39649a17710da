import path from 'node:path';
import type { Coverage } from '../evidence.js';
import { isTestPath } from '../runners/runners.js';
import { findReached } from './find-reached.js';
import { type ChangedFile, locateLines, type Place } from './locate-lines.js';
import type { ProcessRecord, Records } from './read-records.js';

/** Lines of a file that run in the same tests. */
export interface Reach {
  file: string;
  lines: number[];
  /** The test files whose tests run these lines; null if any of the tests can run them. */
  tests: string[] | null;
}

/** What the tests run of a change. */
export interface MeasuredCoverage {
  coverage: Coverage;
  reach: Reach[];
}

/** With more test files than this, it does not save much time to run only these. */
const maxTests = 50;

/**
 * Finds out which changed lines run in tests.
 * @param testFiles the files of all tests that ran
 */
export function measureCoverage(
  files: readonly ChangedFile[],
  records: Records,
  testFiles: readonly string[],
): MeasuredCoverage {
  const loaded = new Set(records.processes.flatMap((record) => record.loaded));
  const unrecorded = testFiles.filter((file) => !loaded.has(file));
  const coverage: Coverage = { ...nothing, unreached: [], notes: [] };
  const reach: Reach[] = [];
  const findTests = createFindTests(records.processes, new Set(testFiles));
  for (const file of files) {
    const seen = measureFile(file, records, loaded.has(file.path), findTests);
    const isUnknown = seen === null && (records.processes.length === 0 || runsElsewhere(file.path, loaded));
    if (isUnknown || seen === 'unknown') {
      coverage.notes.push(`Pullwright could not measure which lines of ${file.path} run in tests.`);
      continue;
    }
    const lines = file.lines.map(({ line }) => line).filter((line) => !seen || seen.known.has(line));
    const missing = lines.filter((line) => !seen?.tests.has(line));
    coverage.lines += lines.length;
    coverage.reached += lines.length - missing.length;
    if (missing.length > 0) coverage.unreached.push({ file: file.path, lines: missing });
    if (seen) reach.push(...groupByTests(file.path, seen.tests));
  }
  if (unrecorded.length > 0 && coverage.unreached.length > 0) {
    const known = `At least ${coverage.reached} of ${coverage.lines} changed lines run in tests.`;
    const others = `The others may run in tests that could not be measured: ${name(unrecorded)}.`;
    return { coverage: { ...nothing, notes: [...coverage.notes, `${known} ${others}`] }, reach };
  }
  return { coverage, reach };
}

const nothing: Coverage = { lines: 0, reached: 0, unreached: [], notes: [] };
const maxNamed = 5;

function name(files: readonly string[]): string {
  const more = files.length > maxNamed ? ` and ${files.length - maxNamed} more` : '';
  return `${files.slice(0, maxNamed).join(', ')}${more}`;
}

type Tests = ReadonlySet<string> | null;

/**
 * Measures one file.
 * @returns the lines that are in the code that ran, and the tests of those that ran; null if nothing loaded
 * the file; `unknown` if what they loaded does not come from the file as it is
 */
function measureFile(
  file: ChangedFile,
  { processes, codes }: Records,
  isLoaded: boolean,
  findTests: (record: ProcessRecord) => Tests,
): { known: Set<number>; tests: Map<number, Tests> } | 'unknown' | null {
  const located = new Map<string, Place[] | null>();
  const known = new Set<number>();
  const tests = new Map<number, Tests>();
  for (const record of processes) {
    for (const { file: ranAs, code: name, startColumn, ranges } of record.scripts) {
      const code = codes.get(name);
      const key = `${ranAs} ${name}`;
      if (!located.has(key)) located.set(key, code ? locateLines(file, ranAs, code, startColumn) : null);
      const places = located.get(key);
      if (!places) continue;
      for (const { line } of places) known.add(line);
      for (const line of findReached(ranges, places))
        tests.set(line, join(tests.get(line), findTests(record)));
    }
  }
  if (known.size > 0) return { known, tests };
  return isLoaded ? 'unknown' : null;
}

/** @param known undefined if no test is known yet */
function join(known: Tests | undefined, more: Tests): Tests {
  if (known === undefined) return more;
  return known === null || more === null ? null : new Set([...known, ...more]);
}

/** Finds the test files that a process ran, or that the process ran that started it. */
function createFindTests(
  processes: readonly ProcessRecord[],
  testFiles: ReadonlySet<string>,
): (record: ProcessRecord) => Tests {
  const byId = new Map(processes.map((record) => [record.pid, record]));
  const maxParents = 10;
  return (record) => {
    let at: ProcessRecord | undefined = record;
    for (let depth = 0; at && depth < maxParents; depth += 1) {
      const tests = at.loaded.filter((file) => testFiles.has(file));
      if (tests.length > 0) return tests.length > maxTests ? null : new Set(tests);
      at = byId.get(at.ppid);
    }
    return null;
  };
}

function groupByTests(file: string, tests: ReadonlyMap<number, Tests>): Reach[] {
  const groups = new Map<string, Reach>();
  for (const [line, known] of tests) {
    const list = known && known.size <= maxTests ? [...known].sort() : null;
    const key = JSON.stringify(list);
    const group = groups.get(key) ?? { file, lines: [], tests: list };
    group.lines.push(line);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/**
 * Guesses whether the tests run a built form of a file from which no source map leads to it. Nothing is then
 * known about its lines.
 */
function runsElsewhere(file: string, loaded: ReadonlySet<string>): boolean {
  const { name: stem, ext } = path.posix.parse(file);
  const others = [...loaded].filter((one) => !isTestPath(one)).map((one) => path.posix.parse(one));
  const isBuilt =
    stem !== 'index' && others.some((one) => one.name === stem && one.dir !== path.posix.dirname(file));
  // If TypeScript runs as JavaScript without source maps, the tests load no TypeScript.
  const isTyped = /ts/.test(ext);
  return isBuilt || (isTyped && ![...loaded].some((one) => /\.[cm]?tsx?$/.test(one)));
}
