import { z } from 'zod';

/** The agent's own account of its work, given with `submit`. It is never evidence. */
export const Submission = z.object({
  /** Pull request title, imperative, without a prefix for drafts. */
  title: z.string(),
  /** What changed and why, in Markdown. */
  summary: z.string(),
  migrations: z.array(z.string()),
  endpoints: z.array(z.string()),
  suggestions: z.array(z.string()),
  openQuestions: z.array(z.string()),
  /** Answers to review threads or failed checks, by their numbers. */
  answers: z.array(z.object({ thread: z.number(), done: z.boolean(), text: z.string() })).default([]),
});
export type Submission = z.infer<typeof Submission>;

/** The use of the model in one run. Dollars are null if the model's price is not known. */
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
  /** The last checkpoint; null if the agent never acted. */
  checkpoint: z.string().nullable(),
  spend: Spend,
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
