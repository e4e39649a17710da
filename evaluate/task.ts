import { z } from 'zod';

/** One task: an issue of a repository, and hidden tests that tell whether a change resolves it. */
export const Task = z.strictObject({
  /** Identifies the task in result files. It is also part of a repository's name and of file names. */
  instance_id: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'letters, digits, dots, hyphens and underscores, at most 100 characters'),
  /** `owner/name` on GitHub. */
  repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'owner/name'),
  base_commit: z.string().regex(/^[0-9a-f]{7,64}$/, 'a commit id'),
  /** The text of the issue. The first line is its title. */
  problem_statement: z.string().min(1, 'the text of the issue'),
  /** Adds or changes the hidden tests. The agent never gets it. */
  test_patch: z.string().min(1, 'a patch'),
  /** The fix that people merged, without its tests; empty if it is unknown. The agent never gets it. */
  patch: z.string(),
  /** Names of hidden tests that fail without a fix and must pass with it. */
  FAIL_TO_PASS: z.array(z.string()).min(1, 'at least one test'),
  /** Names of tests that pass without a fix and must still pass with it. */
  PASS_TO_PASS: z.array(z.string()),
  /** Shell commands that install what the tests need. Null: Pullwright finds them. */
  setup: z.array(z.string()).nullable(),
  /** The command that runs the tests. Null: Pullwright finds it. */
  test: z.string().nullable(),
  /** Whether the grader adds checks to the hidden tests that must fail. See docs/evaluate.md. */
  checks: z.boolean(),
});
export type Task = z.infer<typeof Task>;

/** Names the bad input, what was expected and what was found. */
export class InputError extends Error {}

/** Describes the first fault that Zod found, as `field: expected …; found …`. */
export function describeFault(error: z.ZodError, value: unknown): string {
  const [issue] = error.issues;
  if (!issue) return error.message;
  const found = issue.path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  );
  const field = issue.path.join('.') || 'the whole entry';
  const text = found === undefined ? 'nothing' : JSON.stringify(found).slice(0, 100);
  const expected = issue.message.replace(/^Invalid input: /, '').replace(/, received .*$/, '');
  return `${field}: ${expected.startsWith('expected') ? expected : `expected ${expected}`}; found ${text}`;
}
