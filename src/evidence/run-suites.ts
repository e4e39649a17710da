import type { Sandbox } from '../sandbox/sandbox.js';
import type { TestCommand } from './commands/find-commands.js';
import { countCases, listSuites, nameSuite } from './count-cases.js';
import { hasFinished, type SuiteRun, type TestCase, type TestRun } from './evidence.js';
import { numberDuplicates } from './number-duplicates.js';
import { type DetailedRun, runTests } from './run-tests.js';

interface Options {
  /** Time limit for all commands together, in milliseconds. */
  timeoutMs: number;
  /** The test files to run. Commands that contain none of them do not run, unless no command does. */
  files?: readonly string[];
  /** Changed paths. The commands that contain them run first, in case the time does not suffice for all. */
  changed?: readonly string[];
  /**
   * Whether to leave out a guessed command if nothing in it passes, but something in another command does.
   * Its results would say nothing about a change.
   */
  leavesOutGuesses?: boolean;
  signal?: AbortSignal;
}

/** A test command and its run, or the reason why it has no run, as a clause. */
type Done = { test: TestCommand } & (
  | { detailed: DetailedRun; notRun?: undefined }
  | { detailed?: undefined; notRun: string }
);

/** With less time than this, no further command starts. */
const minRestMs = 1000;
const maxTail = 4000;
const noTime = 'the time limit for the tests was reached before';
const useless = 'nothing in it passes on the base commit, and neither settings nor CI name the command';
const noProgram = 'this machine lacks a program that it starts';

/**
 * Runs all test commands of a repository, one after the other, and sums up their results.
 * @param tests at least one test command
 */
export async function runSuites(
  sandbox: Sandbox,
  tests: readonly TestCommand[],
  options: Options,
): Promise<DetailedRun> {
  const { timeoutMs, files, changed = [], leavesOutGuesses = false, signal } = options;
  const wanted = tests.filter((test) => !files || filesOf(test, files, tests).length > 0);
  const chosen = wanted.length > 0 ? wanted : tests;
  const [only, ...others] = chosen;
  if (!only) throw new Error('expected at least one test command');
  const limits = { ...(signal && { signal }) };
  const narrow = (test: TestCommand) => files && { files: filesOf(test, files, tests) };
  const runOne = async (test: TestCommand, restMs: number) => {
    const started = Date.now();
    const first = await runTests(sandbox, test, { timeoutMs: restMs, ...narrow(test), ...limits });
    if (!leavesOutGuesses) return { test, detailed: first };
    return runInOtherWay(test, first, async (other) => {
      const left = restMs - (Date.now() - started);
      return left < minRestMs
        ? null
        : runTests(sandbox, other, { timeoutMs: left, ...narrow(other), ...limits });
    });
  };
  // A row of its own says in which folder the command ran.
  if (others.length === 0 && only.folder === '') return (await runOne(only, timeoutMs)).detailed;
  const deadline = Date.now() + timeoutMs;
  const isTouched = (test: TestCommand) => filesOf(test, changed, tests).length > 0;
  const ordered = [...chosen.filter(isTouched), ...chosen.filter((test) => !isTouched(test))];
  const done = new Map<TestCommand, Awaited<ReturnType<typeof runOne>>>();
  for (const test of ordered) {
    const rest = deadline - Date.now();
    if (rest < minRestMs) break;
    done.set(test, await runOne(test, rest));
  }
  const doSomePass = [...done.values()].some(({ detailed }) => hasPassed(detailed.run));
  return sumUp(
    chosen.map((test) => {
      const one = done.get(test);
      if (!one) return { test, notRun: noTime };
      if (!leavesOutGuesses || !doSomePass || hasPassed(one.detailed.run)) return one;
      if (test.isGuess) return { test, notRun: useless };
      return lacksProgram(one.detailed.run) ? { test, notRun: noProgram } : one;
    }),
  );
}

/** Tries the other ways to run the tests, if a command ended before its tests. */
async function runInOtherWay(
  test: TestCommand,
  detailed: DetailedRun,
  run: (test: TestCommand) => Promise<DetailedRun | null>,
): Promise<{ test: TestCommand; detailed: DetailedRun }> {
  const { granularity, ended, exitCode } = detailed.run;
  const endsEarly = granularity === 'exit-code' && ended === 'exited' && exitCode !== 0;
  for (const other of endsEarly ? listOtherWays(test) : []) {
    const second = await run(other);
    if (!second || !hasPassed(second.run)) continue;
    const how =
      other.command === test.withoutChecks
        ? 'they ran without its steps that only check code or start containers'
        : 'they ran although steps before them may have failed';
    const remark = [second.run.remark, `"${nameSuite(test)}" ended before its tests, so ${how}.`];
    return {
      test: other,
      detailed: { ...second, run: { ...second.run, remark: remark.filter(Boolean).join(' ') } },
    };
  }
  return { test, detailed };
}

function listOtherWays(test: TestCommand): TestCommand[] {
  const { withoutChecks, despiteSteps } = test;
  return [withoutChecks, despiteSteps].flatMap((command) => (command ? [{ ...test, command }] : []));
}

/** Returns whether the shell did not find the command's program, as with tests in another language. */
function lacksProgram({ granularity, ended, exitCode }: TestRun): boolean {
  return granularity === 'exit-code' && ended === 'exited' && exitCode === 127;
}

/** Returns whether a test passed, or a command without results per test succeeded. */
export function hasPassed(run: TestRun): boolean {
  return listSuites(run).some(
    ({ notRun, counts, granularity, exitCode }) =>
      notRun === undefined && (counts.passed > 0 || (granularity === 'exit-code' && exitCode === 0)),
  );
}

/**
 * Returns the test commands that the run on the base commit did not leave out, each as it ran there.
 * @param before the results on the base commit
 */
export function keepMeasured(tests: readonly TestCommand[], before: TestRun | null): TestCommand[] {
  const leftOut = new Set(
    before?.suites?.filter(({ notRun }) => notRun === useless || notRun === noProgram).map(nameSuite),
  );
  // A run of one command does not say in which folder it ran.
  const ran = new Set(before?.suites?.map(nameSuite) ?? [before?.command]);
  const hasRun = (test: TestCommand) => ran.has(before?.suites ? nameSuite(test) : test.command);
  return tests
    .filter((test) => !leftOut.has(nameSuite(test)))
    .map((test) => {
      return (hasRun(test) ? test : listOtherWays(test).find(hasRun)) ?? test;
    });
}

/** Returns the files that belong to a test command: those for which its folder is the innermost one. */
export function filesOf(
  { folder }: TestCommand,
  files: readonly string[],
  tests: readonly TestCommand[],
): string[] {
  const contains = (outer: string, file: string) => outer === '' || file.startsWith(`${outer}/`);
  return files.filter((file) => {
    const innermost = Math.max(...tests.filter((one) => contains(one.folder, file)).map(length), -1);
    return contains(folder, file) && folder.length === innermost;
  });
}

function length({ folder }: TestCommand): number {
  return folder.length;
}

function sumUp(done: readonly Done[]): DetailedRun {
  const suites = done.map(describeSuite);
  const parts = done.flatMap(({ test, detailed }) => (detailed ? [nameCases(test, detailed)] : []));
  const ran = suites.filter(({ notRun }) => notRun === undefined);
  const bad = ran.find((suite) => !hasFinished(suite)) ?? ran.find(({ ended }) => ended === 'did-not-exit');
  const failing = done.findLast(({ detailed }) => detailed && detailed.run.exitCode !== 0)?.detailed;
  const notes = suites.flatMap((suite) => {
    const what = suite.notRun ?? suite.note;
    return what ? [`${nameSuite(suite)}: ${what}`] : [];
  });
  const remarks = suites.flatMap(({ remark }) => remark ?? []);
  const cases = numberDuplicates(parts.flatMap((one) => one.cases));
  // The failures are those of the failed cases, in the same order.
  const failed = cases.filter(({ outcome }) => outcome === 'failed');
  const isByTests = done.some(({ detailed }) => detailed?.run.reportedBy === 'tests');
  const run: TestRun = {
    command: done.map(({ test }) => nameSuite(test)).join(', '),
    runner: [...new Set(ran.map(({ runner }) => runner))].join(' + '),
    exitCode: bad ? null : (ran.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? 0),
    ended: bad?.ended ?? 'exited',
    durationMs: ran.reduce((sum, { durationMs }) => sum + durationMs, 0),
    granularity: ran.some(({ granularity }) => granularity === 'per-test') ? 'per-test' : 'exit-code',
    cases,
    ...(cases.length > 0 && { reportedBy: isByTests ? 'tests' : 'runner' }),
    ...(notes.length > 0 && { note: notes.join('; ') }),
    ...(remarks.length > 0 && { remark: remarks.join(' ') }),
    outputTail: failing?.run.outputTail ?? done.at(-1)?.detailed?.run.outputTail ?? '',
    suites,
  };
  const outputs = done.flatMap(({ test, detailed }) =>
    detailed ? [`$ ${nameSuite(test)}\n${detailed.output}`] : [],
  );
  return {
    run,
    failures: parts
      .flatMap(({ failures }) => failures)
      .map((one, index) => ({ ...one, id: failed[index]?.id ?? one.id })),
    output: outputs.join('\n'),
    outputEnd: failing?.outputEnd.slice(-maxTail).toWellFormed() ?? '',
  };
}

function describeSuite({ test, detailed, notRun }: Done): SuiteRun {
  const { command, folder } = test;
  if (!detailed) {
    const counts = countCases([]);
    const nothing = { exitCode: null, ended: 'stopped' as const, durationMs: 0, outputTail: '' };
    return { command, folder, runner: test.runner, ...nothing, granularity: 'exit-code', counts, notRun };
  }
  const { runner, exitCode, ended, durationMs, granularity, note, remark, outputTail, cases } = detailed.run;
  const counts = countCases(cases);
  const suite = { command, folder, runner, exitCode, ended, durationMs, granularity, counts, outputTail };
  return { ...suite, ...(note && { note }), ...(remark && { remark }) };
}

/** Adds the folder to the ids of tests whose file is unknown. Two packages can have tests with one name. */
function nameCases(
  { folder }: TestCommand,
  { run, failures }: DetailedRun,
): { cases: TestCase[]; failures: DetailedRun['failures'] } {
  if (folder === '') return { cases: run.cases, failures };
  const names = new Map(run.cases.map(({ id, file }) => [id, file === null ? `${folder} › ${id}` : id]));
  return {
    cases: run.cases.map((one) => ({ ...one, id: names.get(one.id) ?? one.id })),
    failures: failures.map((one) => ({ ...one, id: names.get(one.id) ?? one.id })),
  };
}
