import { z } from 'zod';
import { RefusalReason } from './refusal-reason.js';

/** How a run ends. People are always told. */
export const Outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pull-request'), number: z.number(), url: z.string() }),
  z.object({
    kind: z.literal('draft'),
    number: z.number(),
    url: z.string(),
    /** Why it is a draft, a sentence each. */
    reasons: z.array(z.string()),
    /** The agent did not finish: someone, a budget or the agent itself cut the work short. */
    unfinished: z.boolean().default(false),
  }),
  z.object({ kind: z.literal('question'), questions: z.array(z.string()) }),
  /** The bot did nothing and will do nothing, for a reason that people can change. */
  z.object({ kind: z.literal('refusal'), reason: RefusalReason }),
  z.object({
    kind: z.literal('stopped'),
    reason: z.string(),
    /**
     * Nobody requested the run, and it found nothing to do. The earlier message to people is still correct.
     */
    superseded: z.literal(true).optional(),
  }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
]);
export type Outcome = z.infer<typeof Outcome>;

/**
 * Ends a text from elsewhere as a sentence. A text that already ends in punctuation keeps it, and so does a
 * text of several lines, which may end in a list or in code.
 */
export function asSentence(text: string): string {
  const trimmed = text.trimEnd();
  return trimmed === '' || trimmed.includes('\n') || /[.!?…]["')\]`]*$/.test(trimmed)
    ? trimmed
    : `${trimmed}.`;
}

/** Ends a run from within a step that cannot usefully continue. Only the workflow catches this error. */
export class RunEndedError extends Error {
  constructor(readonly outcome: Outcome) {
    super('reason' in outcome && typeof outcome.reason === 'string' ? outcome.reason : outcome.kind);
    this.name = 'RunEndedError';
  }
}

/**
 * The outcome that an error means. An error from a recorded step keeps its fields but loses its class, so
 * this function checks its fields. It reports any other error as an internal error of Pullwright.
 * @throws an error that ends this execution but not the run
 */
export function outcomeOf(error: unknown): Outcome {
  // Another worker has taken the run over and continues it.
  if (error instanceof Error && error.constructor.name === 'DBOSWorkflowConflictError') throw error;
  const carried = Outcome.safeParse((error as { outcome?: unknown } | null)?.outcome);
  if (carried.success) return carried.data;
  if (isDiskFull(error)) return diskFull;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { kind: 'failed', reason: `An internal error ended the run (${text.slice(0, 300)}).` };
}

/** Neither the repository nor its people can fix this. */
export const diskFull: Outcome = {
  kind: 'failed',
  reason: "The server's disk is full. Its operator must free space before you can retry.",
};

/** @param error an error of the system, or a program's output */
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
