import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Execution, Sandbox } from '../sandbox/sandbox.js';
import { isGo } from './changed-lines/measure-go.js';
import { isPython } from './changed-lines/measure-python.js';
import type { TestCommand } from './commands/find-commands.js';
import {
  describePrograms,
  keepNodeOptions,
  keepTesting,
  nodeEnvironment,
  preload,
} from './runners/node/node-preload.js';
import { quoteWord, type Runner, reportsPath, startMark } from './runners/runner.js';
import { getRunner, runners } from './runners/runners.js';
import { keyFunctions, printSigners } from './signed-reports/hand-out-keys.js';
import { heldFile, lateFile, watchFunctions } from './watch-tests.js';

/** One report file, which the script prints after the output of the tests. */
export interface PrintedReport {
  /** Name of the test runner that wrote the report. */
  runner: string;
  text: string;
}

export interface PrintedFile extends PrintedReport {
  /** Name of the file. */
  file: string;
}

/** What the script printed. */
export interface PrintedParts {
  /** The output of the tests. */
  printed: string;
  reports: PrintedFile[];
  /** Which processes got a key, for `checkReports`; null if the runners sign nothing. */
  signers: string | null;
  /** What kept the test command from exiting, for `describeHeld`; null if it exited. */
  held: string | null;
  /** What ran shortly before the time limit, for `describeLate`; null if the command ended before. */
  late: string | null;
  /** What reporters/coverage.cjs recorded; null if the coverage was not measured. */
  coverage: string | null;
  /** When tests started and ended, as lines of JSON; null if nothing recorded it. */
  starts: string | null;
  /** Options of the command that watch for changes, which were left out. */
  watchOptions: string[];
}

/** Returns shell code that writes a file into the folder of the reports. */
type Write = (name: string, content: string) => string;

interface Options {
  /**
   * The test files to run, relative to the repository's root. A runner that cannot select files runs all
   * tests.
   */
  files?: readonly string[] | undefined;
  /** A line that is in no file which the script writes. */
  delimiter: string;
  seconds: number;
  /** Paths of changed files whose coverage is recorded. The script then prints no reports. */
  changed?: readonly string[];
  /** Whether to record when tests start and end. The script then prints no reports. */
  recordsStarts?: boolean;
  /** The file in the sandbox that lists the test files to run, for runners in Node. Replaces `files`. */
  filesFrom?: string;
  /** Whether to end the tests at the first failure, with all of their processes. */
  stopsEarly?: boolean;
}

interface TimeLimits {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * Creates the script that runs the tests for at most `seconds` and then prints the reports. The script's exit
 * code is the exit code of the tests, or 137 if the tests reached their time limit or did not exit. Its
 * working directory must be the folder of the command. Its input begins with two lines: a secret word that it
 * prints before each report, so that tests cannot print a fake one, and the keys for the signatures of
 * reports. Tests can read the script itself.
 */
export function createTestScript(
  test: TestCommand,
  { files, delimiter, seconds, changed, recordsStarts, filesFrom, stopsEarly }: Options,
): { script: string; env: Record<string, string> } {
  const expected = getRunner(test.runner);
  const asked = findRunnersToAsk(expected);
  const env = Object.assign({}, ...asked.map(environmentOf)) as Record<string, string>;
  const write = (name: string, content: string) =>
    `cat > ${reportsPath}/${name} <<'${delimiter}'\n${content}\n${delimiter}\n`;
  const wanted = (files ?? []).map((file) => `/workspace/${file}`).join('\n');
  const reporters = new Set([
    ...asked.flatMap(({ report }) => report?.reporters ?? []),
    ...(env.NODE_OPTIONS ? nodeFiles : []),
  ]);
  const isSigned = Boolean(env.NODE_OPTIONS) && !changed && !recordsStarts && !stopsEarly;
  const lines = [
    'read -r marker; read -r -a keys',
    `mkdir -p ${reportsPath}/bin && touch ${startMark}`,
    ...[...reporters].map((name) => write(path.posix.basename(name), readReporter(name))),
    ...(filesFrom ? [`cp ${filesFrom} ${reportsPath}/files`] : files ? [write('files', wanted)] : []),
    ...(changed ? recordCoverage(changed, write) : []),
    ...(recordsStarts ? [`touch ${reportsPath}/record-starts`] : []),
    ...(env.NODE_OPTIONS
      ? [write('programs.json', describePrograms(asked)), keepNodeOptions, keepTesting]
      : []),
    ...(expected.report === null && !changed ? asked.flatMap((runner) => wrapRunner(runner, write)) : []),
    write('tests.sh', commandFor(test, files)),
    watchFunctions,
    ...(isSigned ? [keyFunctions, 'open_keys'] : []),
    // Bash gives a command in the background no input, unless the input is named.
    `timeout --signal=KILL ${seconds} bash ${reportsPath}/tests.sh <&0 & tests=$!`,
    `${stopsEarly ? `stop_early $tests ${seconds - 1}` : 'watch_tests $tests'} > /dev/null 2>&1 & watcher=$!`,
    `{ sleep ${Math.max(seconds / 2, seconds - 1)}; describe_late $tests; } > ${lateFile} 2> /dev/null & late=$!`,
    `{ ${isSigned ? 'hand_out_keys; ' : ''}wait $tests; code=$?; } 2> /dev/null`,
    'kill $watcher $late 2> /dev/null',
    ...(isSigned ? [printSigners(signersSection)] : []),
    ...(changed ? [collectCoverage] : []),
    ...(changed
      ? printReports(coverageSection, `${coverageFolder}.all`)
      : recordsStarts
        ? printReports(startsSection, `${reportsPath}/starts-*.jsonl`)
        : asked.flatMap((runner) => printReports(runner.name, runner.report?.files))),
    ...printReports(heldSection, heldFile),
    ...printReports(lateSection, lateFile),
    ...printReports(watchSection, `${reportsPath}/watch`),
    'exit $code',
  ];
  return { script: lines.join('\n'), env };
}

/** Names of sections that are no reports. No runner has such a name. */
const heldSection = ':held';
const lateSection = ':late';
const watchSection = ':watch';
const coverageSection = ':coverage';
const startsSection = ':starts';
const signersSection = ':signers';
/** The files that each process in Node needs. */
const nodeFiles = [preload, 'test-starts.cjs', 'open-report.cjs', 'sign-report.cjs', 'sign-files.cjs'];

const coverageFolder = `${reportsPath}/coverage`;
const maxCoverageBytes = 16 * 1024 * 1024;
/** Shell code that joins the records of all processes. */
const collectCoverage = `sed -s '1d;s/.*/{"go":"&"}/' ${coverageFolder}/*.profile > ${coverageFolder}/go.json 2> /dev/null
find ${coverageFolder} -name '*.json' -type f -exec cat {} + | head -c ${maxCoverageBytes} > ${coverageFolder}.all`;

/** Returns shell code that makes Node, Python and Go record the coverage of the changed files. */
function recordCoverage(changed: readonly string[], write: Write): string[] {
  return [
    `mkdir -p ${coverageFolder}`,
    write('coverage.cjs', readReporter('coverage.cjs')),
    ...(changed.some(isPython) ? [write('sitecustomize.py', readReporter('python_coverage.py'))] : []),
    write('changed', ['/workspace', ...changed].join('\n')),
    ...(changed.some(isGo) ? wrapProgram('go', recordGo(changed), write) : []),
  ];
}

/**
 * Makes each `go test` write a cover profile of the packages of the changed files. With the packages of the
 * whole module, large modules would take long to compile.
 */
function recordGo(changed: readonly string[]): string {
  const folders = [...new Set(changed.filter(isGo).map((file) => `/workspace/${path.posix.dirname(file)}`))];
  return `[ "$1" = test ] || exec "$real" "$@"
shift
packages=$(for folder in ${folders.map(quoteWord).join(' ')}; do (cd "$folder" && "$real" list .); done 2> /dev/null)
packages=\${packages//$'\\n'/,}
[ -n "$packages" ] || exec "$real" test "$@"
exec "$real" test -coverpkg="$packages" -coverprofile=${coverageFolder}/$$.profile "$@"`;
}

/** Number of keys. More processes cannot report. */
const maxRunners = 1000;
const maxOutputBytes = 32 * 1024 * 1024;
/** Extra time in which the script can print the reports after the tests have reached their time limit. */
const graceMs = 15_000;

/**
 * Runs a test command in a sandbox.
 * @param options.timeoutMs time limit for the tests
 */
export async function runTestScript(
  sandbox: Sandbox,
  test: TestCommand,
  { timeoutMs, signal, ...options }: Omit<Options, 'delimiter' | 'seconds'> & TimeLimits,
): Promise<{ execution: Execution; parts: PrintedParts; marker: string; keys: string[] }> {
  const [delimiter, marker] = [createWord(), createWord()];
  const keys = Array.from({ length: maxRunners }, () => randomBytes(12).toString('base64url'));
  const { script, env } = createTestScript(test, { ...options, delimiter, seconds: timeoutMs / 1000 });
  const execution = await sandbox.execute({
    script,
    stdin: `${marker}\n${keys.join(' ')}\n`,
    env,
    cwd: test.folder,
    services: true,
    timeoutMs: timeoutMs + graceMs,
    maxOutputBytes,
    ...(signal && { signal }),
  });
  return { execution, parts: splitOutput(execution.stdout, marker), marker, keys };
}

function createWord(): string {
  return `reports-${randomBytes(16).toString('hex')}`;
}

/** Separates the output of the tests from the reports that the script printed after it. */
export function splitOutput(stdout: string, marker: string): PrintedParts {
  const [printed = '', ...rest] = stdout.split(`\n${marker} `);
  const sections = rest.map((text) => {
    const end = text.indexOf('\n');
    const [runner = '', file = ''] = text.slice(0, end).split(' ');
    return { runner, file, text: text.slice(end + 1) };
  });
  const find = (name: string) => sections.find(({ runner }) => runner === name)?.text ?? null;
  const starts = sections.filter(({ runner }) => runner === startsSection).map(({ text }) => text);
  return {
    printed,
    reports: sections.filter(({ runner }) => !runner.startsWith(':')),
    signers: find(signersSection),
    held: find(heldSection),
    late: find(lateSection),
    coverage: find(coverageSection),
    starts: starts.length > 0 ? starts.join('\n') : null,
    watchOptions: [...new Set(find(watchSection)?.split('\n').filter(Boolean))],
  };
}

/**
 * Returns the test runners from which the script requests a report.
 * (1) If a Node runner is expected, returns all Node runners. A package script can start several of them.
 * (2) If no known runner is expected, returns all runners that can report without a change of the command, or
 * whose program can be wrapped.
 * The command can start any of them.
 * (3) Otherwise, returns only the expected runner.
 */
function findRunnersToAsk(runner: Runner): readonly Runner[] {
  if (runner.report === null)
    return runners.filter(
      ({ report }) =>
        report && (report.through !== 'command' || report.isAlwaysWritten === true || report.wrapper),
    );
  if (runner.report.through === 'node') return runners.filter(({ report }) => report?.through === 'node');
  return [runner];
}

function environmentOf({ report }: Runner): Readonly<Record<string, string>> {
  if (report === null) return {};
  return report.through === 'node' ? nodeEnvironment : (report.environment ?? {});
}

function commandFor(
  { command, folder, runner, takesArguments }: TestCommand,
  files?: readonly string[],
): string {
  const { report } = getRunner(runner);
  const inFolder = files?.map((file) => path.posix.relative(folder, file)).filter(isInside);
  // If none of the files is in the folder of the command, all of its tests run.
  const wanted = inFolder && inFolder.length > 0 ? inFolder : undefined;
  if (report?.through === 'command') return report.rewrite(command, wanted);
  const isNarrowed = report?.through === 'environment' && report.takesFiles && takesArguments && wanted;
  return isNarrowed ? [command, ...wanted.map(quoteWord)].join(' ') : command;
}

/** Returns shell code that makes the program of a runner write a report. */
function wrapRunner({ report }: Runner, write: Write): string[] {
  if (report?.through !== 'command' || report.wrapper === undefined) return [];
  return wrapProgram(report.wrapper.program, report.wrapper.script, write);
}

/** Returns shell code that puts a wrapper on PATH if the program is installed. */
function wrapProgram(program: string, script: string, write: Write): string[] {
  const wrapper = `${reportsPath}/bin/${program}`;
  return [
    `if real=$(command -v ${program}); then`,
    write(`bin/${program}.body`, script),
    `{ printf '#!%s\\nreal=%q\\n' "$(command -v bash)" "$real"; cat ${wrapper}.body; } > ${wrapper}`,
    `chmod +x ${wrapper}; export PATH="${reportsPath}/bin:$PATH"; fi`,
  ];
}

function isInside(file: string): boolean {
  return file !== '' && !file.startsWith('../');
}

/** @param files a shell expression for the paths of the files */
function printReports(name: string, files: string | undefined): string[] {
  if (files === undefined || files === 'output') return [];
  const print = `printf '\\n%s %s %s\\n' "$marker" ${name} "\${report##*/}" && cat "$report"`;
  return [`for report in ${files}; do [ -f "$report" ] && ${print}; done`];
}

function readReporter(name: string): string {
  return readFileSync(new URL(`./reporters/${name}`, import.meta.url), 'utf8');
}
