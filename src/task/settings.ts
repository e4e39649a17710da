import { z } from 'zod';

/** A target repository's settings, `.github/pullwright.yml` on its default branch; every field has a default. */
export const Settings = z.object({
  /** Label -> agent name. Added to the operator's map. */
  labels: z.record(z.string(), z.string()),
  /** Branch that work starts from and pull requests go to; null: the default branch. */
  baseBranch: z.string().nullable(),
  /** Shell commands that install dependencies; null: found by looking at the repository; []: none. */
  setup: z.array(z.string()).nullable(),
  /** Shell command that runs the tests; null: found by looking at the repository. */
  test: z.string().nullable(),
  /** Limits in minutes. */
  timeouts: z.object({ setup: z.number(), test: z.number(), command: z.number(), run: z.number() }),
  /** Globs of paths that the agent may not change, on top of the operator's. */
  protectedPaths: z.array(z.string()),
  /** `when-failing`: a draft only where something is wrong; `always`: every pull request starts as a draft. */
  draft: z.enum(['when-failing', 'always']),
});
export type Settings = z.infer<typeof Settings>;
