import { z } from 'zod';
import type { Task } from '../task.js';

/** Maps the names of tests to their results, which are not needed here. */
const tests = z.record(z.string(), z.unknown());

/** The fields of a line of Multi-SWE-bench. Other fields are ignored. */
export const MultiSweBench = z
  .object({
    org: z.string(),
    repo: z.string(),
    number: z.number(),
    base: z.object({ sha: z.string() }),
    resolved_issues: z
      .array(z.object({ title: z.string(), body: z.string().nullish() }))
      .min(1, 'at least one issue'),
    fix_patch: z.string(),
    test_patch: z.string(),
    /** Tests that pass only with the fix: the union of the next three. */
    fixed_tests: tests.optional(),
    /** Tests that failed, were skipped or did not exist before, and pass with the fix. */
    f2p_tests: tests.optional(),
    s2p_tests: tests.optional(),
    n2p_tests: tests.optional(),
    p2p_tests: tests.default({}),
    // These three fields are Pullwright's own.
    setup: z.array(z.string()).nullable().default(null),
    test: z.string().nullable().default(null),
    checks: z.boolean().default(true),
  })
  .refine(({ fixed_tests, f2p_tests }) => fixed_tests ?? f2p_tests, {
    path: ['fixed_tests'],
    error: 'the tests that the fix makes pass (fixed_tests or f2p_tests)',
  });

export function taskOfMultiSweBench(line: z.output<typeof MultiSweBench>): Task {
  const { org, repo, number, base, resolved_issues, setup, test, checks } = line;
  const { f2p_tests, s2p_tests, n2p_tests } = line;
  const fixed = line.fixed_tests ?? { ...f2p_tests, ...s2p_tests, ...n2p_tests };
  return {
    instance_id: `${org}__${repo}-${number}`,
    repo: `${org}/${repo}`,
    base_commit: base.sha,
    problem_statement: resolved_issues
      .map(({ title, body }) => `${title}\n\n${body ?? ''}`.trim())
      .join('\n\n'),
    test_patch: line.test_patch,
    patch: line.fix_patch,
    FAIL_TO_PASS: Object.keys(fixed),
    PASS_TO_PASS: Object.keys(line.p2p_tests),
    ...{ setup, test, checks },
  };
}
