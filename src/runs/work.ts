import { z } from 'zod';

/** The agent's own account of its work, given with the tool `submit`. The bot never treats it as evidence. */
export const Submission = z.object({
  /** Title of the pull request, in the imperative. It has no prefix that marks a draft. */
  title: z.string(),
  /** What changed and why, in Markdown. */
  summary: z.string(),
  migrations: z.array(z.string()),
  endpoints: z.array(z.string()),
  suggestions: z.array(z.string()),
  openQuestions: z.array(z.string()),
  /** Answers to review threads or failed checks. `thread` is the number of the thread or check. */
  answers: z.array(z.object({ thread: z.number(), done: z.boolean(), text: z.string() })).default([]),
});
export type Submission = z.infer<typeof Submission>;

/**
 * How much one run used the model, and what that cost. `dollars` is null if the model's price is not known.
 */
export const Spend = z.object({
  turns: z.number(),
  inputTokens: z.number(),
  cacheWriteTokens: z.number(),
  cacheReadTokens: z.number(),
  outputTokens: z.number(),
  dollars: z.number().nullable(),
  model: z.string(),
});
export type Spend = z.infer<typeof Spend>;

/** How the agent's part of a run ended. */
export const Work = z.object({
  /** The last checkpoint. Null if the agent never used a tool. */
  checkpoint: z.string().nullable(),
  spend: Spend,
  /** The submissions that Pullwright returned to the agent because of what it measured, oldest first. */
  returns: z.array(
    z.object({
      checkpoint: z.string(),
      /** The number of entries in `keep` at that time. */
      kept: z.number(),
      /** What was wrong. Each entry is a clause, such as `2 tests newly fail`. */
      because: z.array(z.string()),
      /** Set if the agent was shown what its tests do not run or do not notice. */
      showedGaps: z.literal(true).optional(),
      /** Set if the agent was asked whether files belong to the change. */
      askedForFiles: z.literal(true).optional(),
    }),
  ),
  /** Paths of files that the agent created and that git ignores. Some of them may no longer exist. */
  ignoredFiles: z.array(z.string()),
  /** Paths of files that the agent wrote with a tool that names them, relative to the repository's root. */
  edited: z.array(z.string()),
  /** Files that the agent's runs of `run_tests` wrote, as the last of these runs left them. */
  testsWrote: z.array(
    z.object({
      path: z.string(),
      blob: z.string().nullable(),
      /** Whether nothing but these runs changed the file. */
      isSure: z.boolean(),
    }),
  ),
  /** Paths of files and folders that belong to the change although tests or builds write them. */
  keep: z.array(z.string()),
  outcome: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('submitted'), submission: Submission }),
    z.object({ kind: z.literal('asked'), questions: z.array(z.string()) }),
    /** A limit ended the work; `reason` names it. */
    z.object({ kind: z.literal('budget'), reason: z.string() }),
    /** The model declined, repeated itself, or stopped without submitting. */
    z.object({ kind: z.literal('gave-up'), reason: z.string() }),
    /** A user stopped the run. */
    z.object({ kind: z.literal('stopped'), reason: z.string() }),
  ]),
});
export type Work = z.infer<typeof Work>;
