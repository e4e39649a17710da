import { z } from 'zod';
import { RefusalReason } from './refusal-reason.js';

/** How a run ends. The bot reports every outcome to people, except one that is `superseded`. */
export const Outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pull-request'), number: z.number(), url: z.string() }),
  z.object({
    kind: z.literal('draft'),
    number: z.number(),
    url: z.string(),
    /** Why the pull request is a draft. Each reason is one sentence. */
    reasons: z.array(z.string()),
    /** Whether a person, a budget or the agent itself ended the work before it was done. */
    unfinished: z.boolean().default(false),
  }),
  /** The run only showed its plan. The lines and the verdict are sentences for people. */
  z.object({ kind: z.literal('plan'), lines: z.array(z.string()), verdict: z.string() }),
  z.object({ kind: z.literal('question'), questions: z.array(z.string()) }),
  /** The bot refuses the request, for a reason that people can change. */
  z.object({ kind: z.literal('refusal'), reason: RefusalReason }),
  z.object({
    kind: z.literal('stopped'),
    reason: z.string(),
    /**
     * Set if (1) no person requested the run, for example because a CI failure started it, and (2) the run
     * has nothing to do. The comment on the issue then continues to describe the run before this one, because
     * that description is still correct.
     */
    superseded: z.literal(true).optional(),
  }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
]);
export type Outcome = z.infer<typeof Outcome>;

/**
 * Adds a period to the end of a text. Returns the text without a period if (1) it already ends in
 * punctuation, or (2) it has several lines, because it may then end in a list or in code.
 */
export function asSentence(text: string): string {
  const trimmed = text.trimEnd();
  return trimmed === '' || trimmed.includes('\n') || /[.!?…]["')\]`]*$/.test(trimmed)
    ? trimmed
    : `${trimmed}.`;
}

/**
 * Thrown within a step if the run cannot usefully continue. If the step does not catch this error, the
 * workflow catches it and ends the run with `outcome`.
 */
export class RunEndedError extends Error {
  constructor(readonly outcome: Outcome) {
    super('reason' in outcome && typeof outcome.reason === 'string' ? outcome.reason : outcome.kind);
    this.name = 'RunEndedError';
  }
}

/**
 * Converts an error to the outcome of the run. Recognizes a RunEndedError by its field `outcome`, because an
 * error that DBOS restores from Postgres keeps its fields but loses its class. Any other error becomes a
 * failure: either a full disk, or an internal error of Pullwright.
 * @throws the given error if another worker has taken over the run
 */
export function outcomeOf(error: unknown): Outcome {
  // Another worker has taken over the run and continues it.
  if (error instanceof Error && error.constructor.name === 'DBOSWorkflowConflictError') throw error;
  const carried = Outcome.safeParse((error as { outcome?: unknown } | null)?.outcome);
  if (carried.success) return carried.data;
  if (isDiskFull(error)) return diskFull;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { kind: 'failed', reason: `An internal error ended the run (${text.slice(0, 300)}).` };
}

/** The kind is `failed` and not `refusal`, because only the server's operator can fix a full disk. */
export const diskFull: Outcome = {
  kind: 'failed',
  reason: "The server's disk is full. Its operator must free space before you can retry.",
};

/**
 * Returns whether an error means that the disk is full.
 * @param error an error of the operating system, or the output of a program
 */
export function isDiskFull(error: unknown): boolean {
  const { code, message } = (typeof error === 'object' && error !== null ? error : { message: error }) as {
    code?: unknown;
    message?: unknown;
  };
  return (
    code === 'ENOSPC' ||
    code === 'EDQUOT' ||
    /ENOSPC|EDQUOT|No space left on device|Disk quota exceeded/i.test(String(message))
  );
}
