import { z } from 'zod';

/** One test, as the runner reported it. */
export const TestCase = z.object({
  /** Stable within the repository: file, suites and name joined by ` › `. */
  id: z.string(),
  /** Path relative to the repository's root; null where the runner does not report it. */
  file: z.string().nullable(),
  outcome: z.enum(['passed', 'failed', 'skipped']),
  /** The start of the failure, at most 1,000 characters. */
  message: z.string().optional(),
});
export type TestCase = z.infer<typeof TestCase>;

/** One run of the repository's tests. */
export const TestRun = z.object({
  /** The command as a person would type it. */
  command: z.string(),
  /** Names of the runners that reported, joined by ` + `; the name of the expected runner where none did. */
  runner: z.string(),
  /** Null where the tests were stopped. */
  exitCode: z.number().nullable(),
  ended: z.enum([
    'exited',
    'stopped',
    'timeout',
    'output-limit',
    'memory-limit',
    'process-limit',
    'disk-limit',
    'not-measured',
  ]),
  durationMs: z.number(),
  /** `exit-code` if the runner did not report the result of each test. `cases` is then empty. */
  granularity: z.enum(['per-test', 'exit-code']),
  cases: z.array(TestCase),
  /** Why results are missing: clauses joined by semicolons, without a capital or a period. */
  note: z.string().optional(),
  /** The end of the output, at most 4,000 characters. */
  outputTail: z.string(),
});
export type TestRun = z.infer<typeof TestRun>;

/** The test results before and after a change: the ids of tests, or only counts if nobody needs the ids. */
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

/** The results of the new and changed tests on the base code. */
export const Proof = z.object({
  /** Test files that the change adds or changes. */
  files: z.array(z.string()),
  /** New or changed tests that fail on the base's code and pass on the change. */
  proves: z.array(z.string()),
  /** New tests that also pass on the base code. They prove nothing about the change. */
  provesNothing: z.array(z.string()),
  /** Sentences about what could not be measured. */
  note: z.string().optional(),
});
export type Proof = z.infer<typeof Proof>;

/** One problem that the scan found in a change. It names the place and never the offending value. */
export const Finding = z.object({
  /** `block`: the change is not pushed. `mark`: the pull request shows it. */
  severity: z.enum(['block', 'mark']),
  /** What kind of problem: `secret`, `protected-path`, `workflow`, `size`, `odd-name`, … */
  rule: z.string(),
  path: z.string(),
  line: z.number().optional(),
  /** The rest of a sentence that begins with the path. */
  says: z.string(),
});
export type Finding = z.infer<typeof Finding>;

/** Everything that Pullwright measured. Nothing in it comes from the model. */
export const Evidence = z.object({
  /** The tests on the untouched base; null where no tests were found. */
  before: TestRun.nullable(),
  /** The tests on the change. */
  after: TestRun.nullable(),
  comparison: Comparison.nullable(),
  proof: Proof.nullable(),
  findings: z.array(Finding),
  /** Sentences that a reader has to know: no tests found, hosts refused during set-up, no sandbox. */
  notes: z.array(z.string()),
});
export type Evidence = z.infer<typeof Evidence>;
