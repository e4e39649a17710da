import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Trigger } from '../task/task.js';
import { Outcome } from './outcome.js';

/** One attempt at a task. */
export const Run = z.object({
  /** A UUID; see `runIdOf`. */
  id: z.string(),
  trigger: Trigger,
  workflow: z.enum(['implement-issue', 'answer-review']),
  /** The issue that the run works on; `trigger.issue` may be that issue's pull request. */
  issueNumber: z.number(),
  status: z.enum(['queued', 'running', 'settled']),
  /** The limit that keeps a run waiting, in words for people. */
  heldReason: z.string().nullable(),
  outcome: Outcome.nullable(),
  createdAt: z.date(),
  startedAt: z.date().nullable(),
  settledAt: z.date().nullable(),
});
export type Run = z.infer<typeof Run>;

/** Names one issue. */
export interface IssueKey {
  /** GitHub's numeric id of the repository. */
  repositoryId: number;
  number: number;
}

/** A run's id, always the same for a delivery: a step that is repeated finds the same run. */
export function runIdOf(deliveryId: string): string {
  const hex = createHash('sha256').update(`pullwright run ${deliveryId}`).digest('hex');
  // Version 8 of RFC 9562: the application defines the UUID's content.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
