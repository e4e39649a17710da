import type { Outcome } from '../../runs/outcome.js';

/** How a run ended, without credentials: what a program printed and what an agent asks can stand in it. */
export async function redactOutcome(
  outcome: Outcome,
  redact: (text: string) => Promise<string>,
): Promise<Outcome> {
  switch (outcome.kind) {
    case 'pull-request':
      return outcome;
    case 'question':
      return { ...outcome, questions: await Promise.all(outcome.questions.map(redact)) };
    case 'draft':
      return { ...outcome, reason: await Promise.all(outcome.reason.map(redact)) };
    default:
      return { ...outcome, reason: await redact(outcome.reason) };
  }
}
