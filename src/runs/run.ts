import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Trigger } from '../task/task.js';
import { Outcome } from './outcome.js';

/** One attempt at a task. */
export const Run = z.object({
  /** A UUID that `runIdOf` derives from the delivery's id. */
  id: z.string(),
  trigger: Trigger,
  workflow: z.enum(['implement-issue', 'answer-review']),
  /** The issue that the run works on. `trigger.issue` can be the pull request for that issue instead. */
  issueNumber: z.number(),
  status: z.enum(['queued', 'running', 'settled']),
  /** A human-readable description of the limit that keeps the run waiting. Null if no limit does. */
  heldReason: z.string().nullable(),
  outcome: Outcome.nullable(),
  createdAt: z.date(),
  startedAt: z.date().nullable(),
  settledAt: z.date().nullable(),
});
export type Run = z.infer<typeof Run>;

/** Identifies one issue. */
export interface IssueKey {
  /** GitHub's numeric id of the repository. */
  repositoryId: number;
  number: number;
}

/** Derives a run's id from the id of its delivery. A repeated step therefore finds the same run. */
export function runIdOf(deliveryId: string): string {
  const hex = createHash('sha256').update(`pullwright run ${deliveryId}`).digest('hex');
  // RFC 9562 defines version 8 for UUIDs whose content the application chooses.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
