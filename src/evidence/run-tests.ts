import type { Sandbox } from '../sandbox/sandbox.js';
import { stripEscapes } from '../text/strip-escapes.js';
import type { TestCommand } from './commands/find-commands.js';
import type { TestRun } from './evidence.js';
import { parseReports } from './parse-reports.js';
import { describeFailure, type Failure } from './runners/parsers/describe-failure.js';
import { keepOwnFrames } from './runners/parsers/own-frames.js';
import { checkReports } from './signed-reports/check-reports.js';
import { runTestScript, splitOutput } from './test-script.js';
import { describeHeld, describeLate } from './watch-tests.js';

interface Options {
  timeoutMs: number;
  /** The test files to run. A runner that cannot select files runs all tests. */
  files?: readonly string[];
  signal?: AbortSignal;
}

/** A run of the tests, with everything that explains its failures. The evidence contains only `run`. */
export interface DetailedRun {
  run: TestRun;
  /** The failed tests, in the order of the report. Only the first of them have the details. */
  failures: (Partial<Failure> & { id: string })[];
  /** The whole output of the test command, without escape sequences. */
  output: string;
  /** The end of the output, without stack frames that are not in the repository. */
  outputEnd: string;
}

const maxDescribed = 100;
const maxTail = 4000;

/**
 * Runs a repository's tests in a sandbox. If the test runner reports the results of individual tests, reads
 * these results.
 */
export async function runTests(sandbox: Sandbox, test: TestCommand, options: Options): Promise<DetailedRun> {
  const { timeoutMs, files, signal } = options;
  const { execution, parts, marker, keys } = await runTestScript(sandbox, test, { timeoutMs, files, signal });
  const { printed, watchOptions } = parts;
  const checked = checkReports(parts, keys);
  // Tests can write the file that says what held them, and kill their runner. They cannot end its report.
  const held = execution.exitCode === 137 && checked.isWhole ? parts.held : null;
  const inOrder = splitOutput(execution.output, marker).printed;
  // `inOrder` contains stdout and stderr in order of arrival. It ends where the first report begins. If the
  // last part of stderr arrived after that point, `inOrder` lacks this part. If `inOrder` is incomplete, use
  // all of stdout, followed by all of stderr.
  const isWhole = inOrder.length >= printed.length + execution.stderr.length;
  const all = isWhole ? inOrder : printed + execution.stderr;
  const { reports, countsPrinted } = checked;
  const results = parseReports(test, reports, reports.length > 0 || countsPrinted ? all : '');
  const { runners } = results;
  const note = [results.note, checked.note].filter(Boolean).join('; ');
  const output = stripEscapes([all, results.output].filter(Boolean).join('\n'));
  const isTimeout = held === null && execution.exitCode === 137 && execution.durationMs >= timeoutMs;
  const isKilled = isTimeout || held !== null;
  const cases = results.cases.map(({ reported, ...one }) => one);
  const failures = results.cases
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ id, reported }, index) => ({
      id,
      ...(reported && index < maxDescribed && describeFailure(reported)),
    }));
  const remark = [
    held && describeHeld(held),
    isTimeout && parts.late && describeLate(parts.late),
    describeWatch(watchOptions),
    checked.remark,
    cases.length > 0 && describeUnreported(test.unreported ?? []),
  ]
    .filter(Boolean)
    .join(' ');
  const run: TestRun = {
    command: test.command,
    runner: runners.join(' + ') || test.runner,
    exitCode: isKilled ? null : execution.exitCode,
    ended: held === null ? (isTimeout ? 'timeout' : execution.ended) : 'did-not-exit',
    durationMs: execution.durationMs,
    granularity: cases.length > 0 ? 'per-test' : 'exit-code',
    cases,
    ...(cases.length > 0 && { reportedBy: checked.reportedBy }),
    ...(note && { note }),
    ...(remark && { remark }),
    outputTail: output.slice(-maxTail).toWellFormed(),
  };
  return { run, failures, output, outputEnd: keepOwnFrames(run.outputTail).trim() };
}

/** @param commands parts of the test command whose single tests are not in the results */
function describeUnreported(commands: readonly string[]): string {
  if (commands.length === 0) return '';
  const names = commands.map((command) => `\`${command}\``).join(' and ');
  return `The single tests of ${names} are not counted, because Pullwright cannot read its results.`;
}

/** @param options options of the command that watch for changes of files */
function describeWatch(options: readonly string[]): string {
  if (options.length === 0) return '';
  return `The tests ran without ${options.map((option) => `\`${option}\``).join(' and ')}, because with it the command never ends.`;
}
