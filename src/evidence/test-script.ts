import { readFileSync } from 'node:fs';
import type { TestCommand } from './find-commands.js';
import { describePrograms, keepNodeOptions, nodeEnvironment, preload } from './runners/node/node-preload.js';
import { quoteWord, type Runner, reportsPath, startMark } from './runners/runner.js';
import { getRunner, runners } from './runners/runners.js';

/** One report file, which the script prints after the output of the tests. */
export interface PrintedReport {
  /** Name of the test runner that wrote the report. */
  runner: string;
  text: string;
}

interface Options {
  /** The test files to run. A runner that cannot select files runs all tests. */
  files?: readonly string[] | undefined;
  /**
   * A secret line that the script prints before each report. Tests do not know it, so they cannot print a
   * fake report.
   */
  marker: string;
  seconds: number;
}

/**
 * Creates the script that runs the tests for at most `seconds` and then prints the reports. The script's exit
 * code is the exit code of the tests, or 137 if the tests reached their time limit.
 */
export function createTestScript(
  test: TestCommand,
  { files, marker, seconds }: Options,
): { script: string; env: Record<string, string> } {
  const asked = findRunnersToAsk(getRunner(test.runner));
  const env = Object.assign({}, ...asked.map(environmentOf)) as Record<string, string>;
  const write = (name: string, content: string) =>
    `cat > ${reportsPath}/${name} <<'${marker}'\n${content}\n${marker}\n`;
  const wanted = (files ?? []).map((file) => `/workspace/${file}`).join('\n');
  const reporters = new Set(asked.flatMap(({ report }) => report?.reporters ?? []));
  const lines = [
    `mkdir -p ${reportsPath}/bin && touch ${startMark}`,
    ...[...reporters].map((name) => write(name, readReporter(name))),
    ...(files ? [write('files', wanted)] : []),
    ...(env.NODE_OPTIONS
      ? [
          write(preload, readReporter(preload)),
          write('programs.json', describePrograms(asked)),
          keepNodeOptions,
        ]
      : []),
    write('tests.sh', commandFor(test, files)),
    `timeout --signal=KILL ${seconds} bash ${reportsPath}/tests.sh`,
    'code=$?',
    ...asked.flatMap((runner) => printReports(runner, marker)),
    'exit $code',
  ];
  return { script: lines.join('\n'), env };
}

/** Separates the output of the tests from the reports that the script printed after it. */
export function splitOutput(stdout: string, marker: string): { printed: string; reports: PrintedReport[] } {
  const [printed = '', ...rest] = stdout.split(`\n${marker} `);
  const reports = rest.map((text) => {
    const end = text.indexOf('\n');
    return { runner: text.slice(0, end), text: text.slice(end + 1) };
  });
  return { printed, reports };
}

/**
 * Returns the test runners from which the script requests a report.
 * (1) If a Node runner is expected, returns all Node runners. A package script can start several of them.
 * (2) If no known runner is expected, returns all runners that can report without a change of the command.
 * The command can start any of them.
 * (3) Otherwise, returns only the expected runner.
 */
function findRunnersToAsk(runner: Runner): readonly Runner[] {
  if (runner.report === null) return runners.filter(({ report }) => report && report.through !== 'command');
  if (runner.report.through === 'node') return runners.filter(({ report }) => report?.through === 'node');
  return [runner];
}

function environmentOf({ report }: Runner): Readonly<Record<string, string>> {
  if (report === null) return {};
  return report.through === 'node' ? nodeEnvironment : (report.environment ?? {});
}

function commandFor({ command, runner, takesArguments }: TestCommand, files?: readonly string[]): string {
  const { report } = getRunner(runner);
  if (report?.through === 'command') return report.rewrite(command, files);
  const isNarrowed = report?.through === 'environment' && report.takesFiles && takesArguments && files;
  return isNarrowed ? [command, ...files.map(quoteWord)].join(' ') : command;
}

function printReports({ name, report }: Runner, marker: string): string[] {
  if (report === null || report.files === 'output') return [];
  const print = `printf '\\n%s %s\\n' ${marker} ${name} && cat "$report"`;
  return [`for report in ${report.files}; do [ -f "$report" ] && ${print}; done`];
}

function readReporter(name: string): string {
  return readFileSync(new URL(`./reporters/${name}`, import.meta.url), 'utf8');
}
