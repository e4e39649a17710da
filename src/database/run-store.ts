import type { Outcome } from '../runs/outcome.js';
import type { IssueKey, Run } from '../runs/run.js';
import type { RunEvent } from '../runs/run-event.js';
import type { Trigger } from '../task/task.js';
import * as attempts from './attempts.js';
import * as checkpoints from './checkpoints.js';
import * as deliveries from './deliveries.js';
import * as issues from './issues.js';
import { readQuestions } from './open-questions.js';
import type { Queryable } from './queryable.js';
import * as events from './run-events.js';
import * as runs from './runs.js';
import { recordSpend, type TurnSpend } from './spend.js';

export { type IssueKey, Run } from '../runs/run.js';
export type { RecordedEvent } from '../runs/run-event.js';
export type { IssueRecord } from './issues.js';
export type { TurnSpend } from './spend.js';

export type RunStore = ReturnType<typeof openRunStore>;

/** Delegates to the files of the tables. */
export function openRunStore(db: Queryable) {
  return {
    recordDelivery: (event: string, trigger: Trigger) => deliveries.recordDelivery(db, event, trigger),
    recordDeliveryResult: (deliveryId: string, result: string) =>
      deliveries.recordDeliveryResult(db, deliveryId, result),

    reserveRun: (id: string, trigger: Trigger, workflow?: Run['workflow'], issueNumber?: number) =>
      runs.reserveRun(db, id, trigger, workflow, issueNumber),
    findRun: (id: string) => runs.findRun(db, id),
    listRuns: (limit: number) => runs.listRuns(db, limit),
    markRunning: (id: string) => runs.markRunning(db, id),
    recordOutcome: (id: string, outcome: Outcome) => runs.recordOutcome(db, id, outcome),
    countAhead: (id: string) => runs.countAhead(db, id),
    liveRunIds: () => runs.listLiveRunIds(db),
    isRepositoryBusy: (repositoryId: number) => runs.isRepositoryBusy(db, repositoryId),
    readQuestions: (key: IssueKey) => readQuestions(db, key),

    countAttempt: (id: string) => attempts.countAttempt(db, id),
    readAttempts: (id: string) => attempts.readAttempts(db, id),
    forgiveAttempts: (ids: readonly string[]) => attempts.forgiveAttempts(db, ids),

    appendEvent: (runId: string, event: RunEvent, key?: string) => events.appendEvent(db, runId, event, key),
    readEvents: (runId: string) => events.readEvents(db, runId),
    findEnd: (runId: string) => events.findRecordedOutcome(db, runId),

    readIssue: (key: IssueKey) => issues.readIssue(db, key),
    updateIssue: (key: IssueKey, change: Partial<issues.IssueRecord>) => issues.updateIssue(db, key, change),

    recordSpend: (runId: string, spend: TurnSpend) => recordSpend(db, runId, spend),

    checkpoints: {
      save: (runId: string, commit: string, bundle: Buffer) =>
        checkpoints.saveCheckpoint(db, runId, commit, bundle),
      load: (runId: string, commit: string) => checkpoints.loadCheckpoint(db, runId, commit),
      copy: (from: string, to: string, commit: string) => checkpoints.copyCheckpoint(db, from, to, commit),
    },
  };
}
