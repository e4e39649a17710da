import type { IssueKey } from '../runs/run.js';
import type { Trigger } from '../task/task.js';
import * as deliveries from './deliveries.js';
import * as failed from './failed-deliveries.js';
import type { Queryable } from './queryable.js';
import { listBusyIssues } from './runs.js';
import { readWatermarks, setWatermark } from './watermarks.js';

export type { FailedAttempt } from './failed-deliveries.js';

export type IntakeStore = ReturnType<typeof openIntakeStore>;

/** Delegates to deliveries.ts, failed-deliveries.ts, watermarks.ts and runs.ts. */
export function openIntakeStore(db: Queryable) {
  return {
    lockIssue: (trigger: Trigger) => deliveries.lockIssue(db, trigger),
    findDuplicate: (trigger: Trigger) => deliveries.findDuplicate(db, trigger),
    wasRefused: (trigger: Trigger, reason: string) => deliveries.wasRefused(db, trigger, reason),
    recordDuplicate: (deliveryId: string, duplicate: string) =>
      deliveries.recordDuplicate(db, deliveryId, duplicate),
    isLabelKnown: (issue: IssueKey, label: string, at: string) =>
      deliveries.isLabelKnown(db, issue, label, at),
    knownComments: (repositoryId: number, ids: readonly number[]) =>
      deliveries.listKnownComments(db, repositoryId, ids),
    busyIssues: (repositoryId: number) => listBusyIssues(db, repositoryId),
    noteFailed: (attempts: readonly failed.FailedAttempt[]) => failed.recordFailedDeliveries(db, attempts),
    dueForRedelivery: (limit: number) => failed.listDueRedeliveries(db, limit),
    noteAsked: (guid: string, attempt: number, waitMs: number) =>
      failed.recordRedeliveryRequest(db, guid, attempt, waitMs),
    readMarks: (names: readonly string[]) => readWatermarks(db, names),
    setMark: (name: string, at: Date) => setWatermark(db, name, at),
  };
}
