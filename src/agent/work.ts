import { z } from 'zod';

/** What the agent says of its own work with `submit`: its words, never evidence. */
export const Submission = z.object({
  /** Pull request title, imperative, without a prefix for drafts. */
  title: z.string(),
  /** What was changed and why. */
  summary: z.string(),
  migrations: z.array(z.string()),
  endpoints: z.array(z.string()),
  suggestions: z.array(z.string()),
  openQuestions: z.array(z.string()),
  /** To the threads of a review, by their numbers. */
  answers: z.array(z.object({ thread: z.number(), done: z.boolean(), text: z.string() })).default([]),
});
export type Submission = z.infer<typeof Submission>;

/** What was spent on the model. Dollars are null where the model has no known price. */
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
  /** Last checkpoint; null when nothing was ever done. */
  checkpoint: z.string().nullable(),
  spend: Spend,
  outcome: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('submitted'), submission: Submission }),
    z.object({ kind: z.literal('asked'), questions: z.array(z.string()) }),
    /** Which budget ended it: `turns`, `tokens`, `dollars`, `time`. */
    z.object({ kind: z.literal('budget'), reason: z.string() }),
    /** The model declined, or stopped without submitting. */
    z.object({ kind: z.literal('gave-up'), reason: z.string() }),
    z.object({ kind: z.literal('stopped'), reason: z.string() }),
  ]),
});
export type Work = z.infer<typeof Work>;
