import { z } from 'zod';

/** How a run ends; always said to the people. */
export const Outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pull-request'), number: z.number(), url: z.string() }),
  z.object({
    kind: z.literal('draft'),
    number: z.number(),
    url: z.string(),
    /** Why it is a draft, a sentence each. */
    reason: z.array(z.string()),
    /** The agent did not come to its end: people, a budget or it itself broke the work off. */
    unfinished: z.boolean().default(false),
  }),
  z.object({ kind: z.literal('question'), questions: z.array(z.string()) }),
  /** Nothing was or will be done, for a reason that people can act on: no permission, bad settings, nothing to change. */
  z.object({ kind: z.literal('refusal'), reason: z.string() }),
  z.object({
    kind: z.literal('stopped'),
    reason: z.string(),
    /** Nobody had asked for it, and it found nothing to do: what was said to people before still holds. */
    superseded: z.literal(true).optional(),
  }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
]);
export type Outcome = z.infer<typeof Outcome>;

/** Ends a run from within a step: thrown where going on makes no sense, caught only by the story. */
export class RunEndedError extends Error {
  constructor(readonly outcome: Outcome) {
    super('reason' in outcome ? String(outcome.reason) : outcome.kind);
    this.name = 'RunEndedError';
  }
}

/**
 * The outcome that an error means. One that comes back from Postgres has its fields but not its class, so it is
 * known by its shape; whatever else is thrown is a fault of ours and said as such.
 * @throws what ends this execution but not the run
 */
export function outcomeOf(error: unknown): Outcome {
  // The engine's own: this execution lost its run to another worker, which goes on with it.
  if (error instanceof Error && error.constructor.name === 'DBOSWorkflowConflictError') throw error;
  const carried = Outcome.safeParse((error as { outcome?: unknown } | null)?.outcome);
  if (carried.success) return carried.data;
  if (isDiskFull(error)) return diskFull;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { kind: 'failed', reason: `an internal error ended the run (${text.slice(0, 300)})` };
}

/** What a full disk means for a run: nothing that its repository or its people could mend. */
export const diskFull: Outcome = {
  kind: 'failed',
  reason:
    "the server's disk is full; whoever runs this server has to make room, then it can be asked for again",
};

/** @param error of the system, or what a program said */
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
