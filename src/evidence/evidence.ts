import { z } from 'zod';
import { Migrations } from './migration-evidence.js';
import { Queries } from './query-evidence.js';

/** The result of one test, as the test runner reported it. */
export const TestCase = z.object({
  /** The file, suites and name of the test, joined by ` › `. The id is the same in every run. */
  id: z.string(),
  /** Path of the test file, relative to the repository's root; null if the runner does not report it. */
  file: z.string().nullable(),
  outcome: z.enum(['passed', 'failed', 'skipped']),
  /** The first 1,000 characters of the failure message. */
  message: z.string().optional(),
});
export type TestCase = z.infer<typeof TestCase>;

const ended = z.enum([
  'exited',
  // The tests finished, and then something kept the command running until Pullwright stopped it.
  'did-not-exit',
  'stopped',
  'timeout',
  'output-limit',
  'memory-limit',
  'process-limit',
  'disk-limit',
  'not-measured',
]);

/** Numbers of test results by outcome. */
export const TestCounts = z.object({
  passed: z.number(),
  failed: z.number(),
  skipped: z.number(),
  /** Number of test files that could not be loaded. They are no tests, and `failed` does not include them. */
  unloaded: z.number(),
});
export type TestCounts = z.infer<typeof TestCounts>;

/** How one test command ended. A repository can have several, for example one per package. */
export const SuiteRun = z.object({
  /** The test command, as a person would type it. */
  command: z.string(),
  /** The folder in which it ran, relative to the root of the repository; '' is the root. */
  folder: z.string(),
  runner: z.string(),
  exitCode: z.number().nullable(),
  ended,
  durationMs: z.number(),
  granularity: z.enum(['per-test', 'exit-code']),
  counts: TestCounts,
  note: z.string().optional(),
  remark: z.string().optional(),
  /** Why the command did not run, as a clause; undefined if it ran. */
  notRun: z.string().optional(),
  /** The last 4,000 characters of the output. */
  outputTail: z.string(),
});
export type SuiteRun = z.infer<typeof SuiteRun>;

/** One run of the repository's tests. If there are several test commands, it sums them up. */
export const TestRun = z.object({
  /** The test command, as a person would type it. */
  command: z.string(),
  /**
   * Names of the test runners that wrote a report, joined by ` + `; the expected runner's name if there is no
   * report.
   */
  runner: z.string(),
  /** The exit code of the test command; null if the command was stopped, for example at its time limit. */
  exitCode: z.number().nullable(),
  ended,
  durationMs: z.number(),
  /** `exit-code` if no test runner reported results of individual tests. In that case, `cases` is empty. */
  granularity: z.enum(['per-test', 'exit-code']),
  cases: z.array(TestCase),
  /**
   * Who reported the results in `cases`. `runner`: test runners in processes of their own, which signed them.
   * `tests`: at least some came from a process in which code of tests runs, or from what it printed.
   * Undefined if there are no results of single tests.
   */
  reportedBy: z.enum(['runner', 'tests']).optional(),
  /**
   * The reasons why results are missing, joined by semicolons. Other code embeds this text in a sentence, so
   * the text starts with a lowercase letter and does not end with a period.
   */
  note: z.string().optional(),
  /** What readers should know about how the command ran, in sentences. No result is missing for it. */
  remark: z.string().optional(),
  /** The last 4,000 characters of the output. */
  outputTail: z.string(),
  /**
   * Files that the run wrote or deleted and that git does not ignore, with the ids of their blobs; null for a
   * deleted file. Undefined if there are none, or if nobody looked.
   */
  wrote: z.array(z.object({ path: z.string(), blob: z.string().nullable() })).optional(),
  /** The test commands one by one; undefined if there is only one. */
  suites: z.array(SuiteRun).optional(),
});
export type TestRun = z.infer<typeof TestRun>;

/** Returns whether the tests ran to their end. The command itself may have been stopped after that. */
export function hasFinished({ ended }: Pick<TestRun, 'ended'>): boolean {
  return ended === 'exited' || ended === 'did-not-exit';
}

/** The differences between the test results before and after a change. The lists contain test ids. */
export const Comparison = z.object({
  newlyPassing: z.array(z.string()),
  newlyFailing: z.array(z.string()),
  failingBefore: z.array(z.string()),
  flaky: z.array(z.string()),
  removed: z.array(z.string()),
  stillPassing: z.number(),
  skipped: z.number(),
});
export type Comparison = z.infer<typeof Comparison>;

/** The results of running the new and changed tests on the code before the change. */
export const Proof = z.object({
  /** Files of the tests that the change adds, changes, moves or deletes, with their helpers and fixtures. */
  files: z.array(z.string()),
  /**
   * New or changed tests that fail on the base code and pass with the change. `message` says why they fail on
   * the base code.
   */
  proves: z.array(z.object({ id: z.string(), message: z.string().optional() })),
  /** Ids of new tests that pass both on the base code and with the change, which proves nothing. */
  provesNothing: z.array(z.string()),
  /** Ids of tests that fail on the base code, but pass there as soon as it has the files `data`. */
  needData: z.array(z.string()),
  /** Changed files without code that tests can read, such as samples or SQL. */
  data: z.array(z.string()),
  /** Tests whose failure on the base code says nothing about the product, for example a missing package. */
  notComparable: z.array(z.object({ id: z.string(), message: z.string().optional() })),
  /** Ids of new or changed tests whose result differs between two runs with the change. */
  flaky: z.array(z.string()),
  /** Sentences that describe what could not be measured. */
  note: z.string().optional(),
});
export type Proof = z.infer<typeof Proof>;

/**
 * One problem that the scan found in a change. A finding says where the problem is. It never quotes the text
 * that is there, because that text can be a credential.
 */
export const Finding = z.object({
  /** `block` keeps the change from being pushed. `mark` only shows the problem in the pull request. */
  severity: z.enum(['block', 'mark']),
  /** The kind of problem, such as `secret`, `protected-path`, `workflow`, `size` or `odd-name`. */
  rule: z.string(),
  path: z.string(),
  line: z.number().optional(),
  /** A description of the problem. It completes a sentence that begins with the path. */
  says: z.string(),
});
export type Finding = z.infer<typeof Finding>;

/** A package that a manifest of the change asks for, and that the manifest of the base does not ask for. */
export const Package = z.object({
  name: z.string(),
  manifest: z.string(),
  /** The version in the base commit, or the range if the version is unknown; null if it is added. */
  from: z.string().nullable(),
  /** The version in the change, or the range if the version is unknown; null if it is removed. */
  to: z.string().nullable(),
  /** Whether only developers need it. */
  dev: z.boolean(),
  /** The license that the package states; null if it states none or was not installed. */
  license: z.string().nullable(),
  /** Size of the installed files, in bytes; null if it was not installed. */
  bytes: z.number().nullable(),
  /** What the package runs when it is installed; null if this is unknown. */
  installScripts: z.array(z.string()).nullable(),
});
export type Package = z.infer<typeof Package>;

/** The packages that a change adds, updates and removes, as read from manifests, lockfiles and packages. */
export const Packages = z.object({
  /** Names of the package managers that installed the packages. */
  managers: z.array(z.string()),
  /** Packages that a manifest names. */
  direct: z.array(Package),
  /** Numbers of other packages in the lockfiles. */
  indirect: z.object({ added: z.number(), updated: z.number(), removed: z.number() }),
  /** Sentences that say why the packages could not be installed, or why they do not fit. */
  faults: z.array(z.string()),
  /** Sentences that tell the reader how the packages affect the measurements. */
  notes: z.array(z.string()),
});
export type Packages = z.infer<typeof Packages>;

/** How much of the change's own code the tests run. Lines without code and lines of tests do not count. */
export const Coverage = z.object({
  /** Number of changed lines that could be measured; 0 if not all tests could be measured. */
  lines: z.number(),
  /** Number of these lines that a test runs. */
  reached: z.number(),
  /** The lines that no test runs. */
  unreached: z.array(z.object({ file: z.string(), lines: z.array(z.number()) })),
  /** Sentences that describe what could not be measured. */
  notes: z.array(z.string()),
});
export type Coverage = z.infer<typeof Coverage>;

/** A small fault that Pullwright put into a changed line. */
export const Mutation = z.object({
  file: z.string(),
  line: z.number(),
  /** The code that was there. */
  was: z.string(),
  /** The code in its place; '' if it was removed. */
  now: z.string(),
});
export type Mutation = z.infer<typeof Mutation>;

/** Whether the tests fail if the changed lines have a fault. */
export const Mutations = z.object({
  /** Number of mutations with which the tests ran. */
  tried: z.number(),
  /** The mutations with which the tests still passed. */
  unnoticed: z.array(Mutation),
  /** Number of mutations for which there was no time. */
  untried: z.number(),
  /** A sentence that says why the mutations could not be tried. */
  note: z.string().optional(),
});
export type Mutations = z.infer<typeof Mutations>;

/** How a change affects the clients of an API that files of the repository describe. */
export const Api = z.object({
  /** The descriptions that were compared. */
  files: z.array(z.string()),
  differences: z.array(
    z.object({
      file: z.string(),
      /**
       * `breaking`: clients of the base commit may fail. `dangerous`: some of them may behave differently.
       * `compatible`: they notice nothing.
       */
      level: z.enum(['breaking', 'dangerous', 'compatible']),
      /** A description in words. It contains names of the API. */
      says: z.string(),
    }),
  ),
  /** Sentences that describe what could not be compared. */
  notes: z.array(z.string()),
});
export type Api = z.infer<typeof Api>;

/** Returns the differences with which clients of the base commit may fail. */
export function listBreaking({ api }: { api: Api | null }): Api['differences'] {
  return api?.differences.filter(({ level }) => level === 'breaking') ?? [];
}

/** Returns whether the tests ran to their end and say nothing bad about the change. */
export function isGood(after: TestRun, comparison: Comparison | null): boolean {
  if (!hasFinished(after)) return false;
  return comparison ? comparison.newlyFailing.length === 0 : after.exitCode === 0;
}

/** Everything that Pullwright measured about a change. No part of it comes from the model. */
export const Evidence = z.object({
  /** The test run on the base commit, without the change; null if Pullwright found no tests. */
  before: TestRun.nullable(),
  /** The test run with the change; null if the tests did not run. */
  after: TestRun.nullable(),
  comparison: Comparison.nullable(),
  proof: Proof.nullable(),
  /** Null if it was not measured, for example because the change has no code of a language that can be. */
  coverage: Coverage.nullable(),
  /** Null if no mutations were tried. */
  mutations: Mutations.nullable(),
  findings: z.array(Finding),
  /** Paths that differ in the agent's tree, but not in the change, because running something wrote them. */
  leftOut: z.array(z.string()),
  /** Null if the change does not change the packages. */
  packages: Packages.nullable(),
  /** Null if the change touches no description of an API. */
  api: Api.nullable(),
  /** Null if it was not recorded, for example because the tests of the change use no Postgres. */
  queries: Queries.nullable(),
  /** Null if the change touches no migrations. */
  migrations: Migrations.nullable(),
  /**
   * Sentences that tell the reader of the pull request about the conditions of this measurement, for example
   * that Pullwright found no tests, or that the tests ran without a sandbox.
   */
  notes: z.array(z.string()),
});
export type Evidence = z.infer<typeof Evidence>;
