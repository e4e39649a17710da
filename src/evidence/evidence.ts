import { z } from 'zod';

/** One test, as the runner reported it. */
export const TestCase = z.object({
  /** Stable within the repository: file, suites and name joined by ` › `. */
  id: z.string(),
  /** Path relative to the repository's root where the runner says it. */
  file: z.string().nullable(),
  outcome: z.enum(['passed', 'failed', 'skipped']),
  /** First lines of the failure, at most 1,000 characters. */
  message: z.string().optional(),
});
export type TestCase = z.infer<typeof TestCase>;

/** One run of the repository's tests. */
export const TestRun = z.object({
  /** The command as a person would type it. */
  command: z.string(),
  /** Name of the runner (`jest`, `node:test`, `pytest`, …) or `command`. */
  runner: z.string(),
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
  /** `exit-code` when the runner gave nothing machine-readable: `cases` is then empty, and reports say so. */
  granularity: z.enum(['per-test', 'exit-code']),
  cases: z.array(TestCase),
  /** Why there are no cases, where a per-test report was expected. */
  note: z.string().optional(),
  /** Last part of the output, at most 4,000 characters. */
  outputTail: z.string(),
});
export type TestRun = z.infer<typeof TestRun>;

/** How one test did before and after. Only tests worth a line are listed; `stillPassing` is a count. */
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

/** What the new and changed tests did against the base's code. */
export const Proof = z.object({
  /** Test files that the change adds or changes. */
  files: z.array(z.string()),
  /** New or changed tests that fail on the base's code and pass here. */
  proves: z.array(z.string()),
  /** New tests that pass on the base's code too: they prove nothing about the change. */
  provesNothing: z.array(z.string()),
  /** Why no verdict per test was possible, where that is so. */
  note: z.string().optional(),
});
export type Proof = z.infer<typeof Proof>;

/** Something the scan of the change found. Never carries the offending value, only its place. */
export const Finding = z.object({
  /** `block`: nothing is pushed. `mark`: the pull request says so. */
  severity: z.enum(['block', 'mark']),
  /**
   * `secret`, `protected-path`, `workflow`, `size`, `nested-repository`, `escaping-link`, `submodule`,
   * `odd-name`, …
   */
  rule: z.string(),
  path: z.string(),
  line: z.number().optional(),
  /** One sentence for people. */
  says: z.string(),
});
export type Finding = z.infer<typeof Finding>;

/** What was measured by us, not claimed by the model. */
export const Evidence = z.object({
  /** Null where the repository has no tests that we could find. */
  before: TestRun.nullable(),
  after: TestRun.nullable(),
  comparison: Comparison.nullable(),
  proof: Proof.nullable(),
  findings: z.array(Finding),
  /** What a reader has to know: no tests found, network refused during set-up, sandbox off, … */
  notes: z.array(z.string()),
});
export type Evidence = z.infer<typeof Evidence>;
