import type { TestCommand } from './commands/find-commands.js';
import { numberDuplicates } from './number-duplicates.js';
import { tap } from './runners/node/tap.js';
import { parsePrintedTap } from './runners/parsers/tap.js';
import type { ReportedCase } from './runners/parsers/test-case.js';
import { getRunner } from './runners/runners.js';
import type { PrintedReport } from './test-script.js';

export interface Results {
  cases: ReportedCase[];
  /** Names of the test runners that wrote a report. One command can start several test runners. */
  runners: string[];
  /**
   * The reasons why results are missing, joined by semicolons. Other code embeds this text in a sentence, so
   * the text starts with a lowercase letter and does not end with a period.
   */
  note?: string;
  /**
   * The human-readable output of a test runner that writes it into the report instead of printing it;
   * undefined if no runner does this.
   */
  output?: string;
}

const endedEarly = 'the runner ended before it had run all tests';

/** Maximum number of test results. Code under test can write a report of any length, so there is a limit. */
const maxCases = 100_000;

/**
 * Reads the test results from all reports.
 * @param written the report files
 * @param printed the output of the test command. Some runners write no report file, but their output contains
 * the results.
 */
export function parseReports(test: TestCommand, written: readonly PrintedReport[], printed: string): Results {
  const expected = getRunner(test.runner).report;
  const files = written.filter(({ text }) => text.trim() !== '');
  const reports = expected?.files === 'output' ? [{ runner: test.runner, text: printed }] : files;
  const cases: ReportedCase[] = [];
  const reporting = new Set<string>();
  const notes = new Set<string>();
  let output: string | undefined;
  for (const { runner, text } of reports) {
    const { report } = getRunner(runner);
    if (!report) continue;
    try {
      const parsed = report.parse(text, printed, test.folder);
      for (const one of parsed.cases.slice(0, maxCases - cases.length)) cases.push(one);
      if (cases.length === maxCases) notes.add(`only the first ${maxCases} results were read`);
      output = parsed.output ?? output;
      reporting.add(runner);
      if (parsed.ended === false) notes.add(endedEarly);
    } catch (error) {
      // If a runner was killed, its report is incomplete. The note says that results are missing.
      notes.add(`a report could not be read: ${String((error as Error).message).slice(0, 200)}`);
    }
  }
  // If no runner wrote a report, results that programs printed in TAP are read.
  for (const { cases: more, ended } of reports.length > 0 ? [] : parsePrintedTap(printed, test.folder)) {
    for (const one of more.slice(0, maxCases - cases.length)) cases.push(one);
    reporting.add(tap.name);
    if (ended === false) notes.add(endedEarly);
  }
  if (reports.length === 0 && reporting.size === 0) notes.add(describeMissingReport(test));
  const note = [...notes].join('; ');
  return {
    cases: numberDuplicates(cases),
    runners: [...reporting],
    ...(note && { note }),
    ...(output && { output }),
  };
}

function describeMissingReport({ runner, command }: TestCommand): string {
  return getRunner(runner).report === null
    ? `"${command}" reports only an exit code, not the result of each test`
    : `the test runner (${runner}) wrote no report`;
}
