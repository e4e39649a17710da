import type { TestCase } from '../evidence.js';
import type { Runner, TestCommand } from '../find-commands.js';
import { parseCargoOutput } from './parse-cargo-output.js';
import { parseGoLines, parseJestReport, parseLines } from './parse-json-reports.js';
import { parseJunit, parseTrx } from './parse-xml-reports.js';

export interface Results {
  cases: TestCase[];
  /** Whose results they are: behind a command there may be several runners. */
  runners: Runner[];
  /** Why there are none, or not all. */
  note?: string;
  /** What a person would have been shown, where the report took its place. */
  output?: string;
}

/** A report file's name as the script printed it, and its content. */
interface Report {
  name: string;
  text: string;
}

/** A report may be made up. */
const maxCases = 100_000;

/** @param printed what the tests printed, for runners that have no report */
export function parseReports(test: TestCommand, reports: readonly Report[], printed: string): Results {
  if (test.runner === 'cargo') return { cases: numberTwins(parseCargoOutput(printed)), runners: ['cargo'] };
  const cases: TestCase[] = [];
  const runners = new Set<Runner>();
  const notes = new Set<string>();
  let output: string | undefined;
  for (const { name, text } of reports) {
    const kind = kinds.find(([pattern]) => pattern.test(name));
    if (!kind || text.trim() === '') continue;
    const [, runner, parse] = kind;
    try {
      const read = parse(text);
      for (const one of read.cases.slice(0, maxCases - cases.length)) cases.push(one);
      if (cases.length === maxCases) notes.add(`no more than ${maxCases} results are read`);
      output = read.output ?? output;
      runners.add(runner ?? test.runner);
      if (read.ended === false) notes.add('the runner ended before it had run all tests');
    } catch (error) {
      // A runner that was killed leaves half a report. What is missing is said, not guessed.
      notes.add(`a report could not be read: ${String((error as Error).message).slice(0, 200)}`);
    }
  }
  if (reports.length === 0) notes.add(withoutReports(test));
  const note = [...notes].join('; ');
  return {
    cases: numberTwins(cases),
    runners: [...runners],
    ...(note && { note }),
    ...(output && { output }),
  };
}

type Parsed = { cases: TestCase[]; ended?: boolean; output?: string };

const kinds: [file: RegExp, runner: Runner | null, parse: (text: string) => Parsed][] = [
  // Node starts a process per file: one that crashes is a failed file, and the run goes on.
  [/\/node-test\.jsonl$/, 'node:test', (text) => ({ cases: parseLines(text).cases })],
  [/\/mocha-\d+\.jsonl$/, 'mocha', parseLines],
  [/\/pytest-\d+\.jsonl$/, 'pytest', parseLines],
  [/\/unittest-\d+\.jsonl$/, 'unittest', parseLines],
  [/\/minitest-\d+\.jsonl$/, 'minitest', parseLines],
  [/\/rspec-\d+\.jsonl$/, 'rspec', parseLines],
  [/\/jest-\d+\.json$/, 'jest', (text) => ({ cases: parseJestReport(text) })],
  [/\/vitest-\d+\.json$/, 'vitest', (text) => ({ cases: parseJestReport(text) })],
  [/\/go\.jsonl$/, 'go', parseGoLines],
  [/\.trx$/, 'dotnet', (text) => ({ cases: parseTrx(text) })],
  [/\.xml$/, null, (text) => ({ cases: parseJunit(text) })],
];

function withoutReports({ runner, command }: TestCommand): string {
  return runner === 'command'
    ? `"${command}" gives no results per test, only an exit code`
    : `the runner (${runner}) left no report`;
}

/** Tests of the same name are told apart by their order. */
function numberTwins(cases: readonly TestCase[]): TestCase[] {
  const seen = new Map<string, number>();
  return cases.map((one) => {
    const count = (seen.get(one.id) ?? 0) + 1;
    seen.set(one.id, count);
    return count === 1 ? one : { ...one, id: `${one.id} (${count})` };
  });
}
