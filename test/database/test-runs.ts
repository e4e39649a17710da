import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { recordDelivery } from '../../src/database/deliveries.js';
import { appendEvent } from '../../src/database/run-events.js';
import { markRunning, recordOutcome, reserveRun } from '../../src/database/runs.js';
import type { Outcome } from '../../src/runs/outcome.js';
import type { Trigger } from '../../src/task/task.js';
import { labelTrigger } from '../support/label-trigger.js';
import { createTestDatabase } from '../support/test-database.js';

/** A database with our tables, for one test file. */
export async function openMigratedDatabase(): Promise<{ pool: pg.Pool; close(): Promise<void> }> {
  const database = await createTestDatabase();
  const pool = database.openPool();
  return {
    pool,
    close: async () => {
      await pool.end();
      await database.drop();
    },
  };
}

/** Reserves the run of a label that was put on the issue. @returns the run's id */
export async function startLabelRun(pool: pg.Pool, issueNumber: number): Promise<string> {
  const id = randomUUID();
  const trigger = labelTrigger(issueNumber);
  await recordDelivery(pool, 'issues', trigger);
  const reserved = await reserveRun(pool, id, trigger);
  if (!('run' in reserved)) throw new Error(`expected a run, found run ${reserved.busyWith} in its way`);
  return id;
}

export const done: Outcome = {
  kind: 'refusal',
  reason: { kind: 'nothing-to-change', summary: 'all is done' },
};
export const question: Outcome = { kind: 'question', questions: ['Which?'] };
export const superseded: Outcome = { kind: 'stopped', reason: 'a question is open', superseded: true };

interface FollowUpOptions {
  headSha?: string;
  /** The event of the delivery. */
  event?: string;
  /** The kind of the delivery's trigger, where it is not the run's. */
  requestedKind?: string;
  pullRequest?: number;
}

/** Reserves a run that waits in line behind the others of its issue. */
export async function startFollowUp(
  pool: pg.Pool,
  issueNumber: number,
  kind: string,
  { headSha = 'a', event = 'delivery', requestedKind = kind, pullRequest = 100 }: FollowUpOptions = {},
) {
  const base = labelTrigger(issueNumber);
  const fields = {
    headSha,
    suiteId: 1,
    byApp: null,
    instructions: '',
    commentId: 1,
    reviewId: 1,
    control: 'retry',
  };
  const triggerOf = (triggerKind: string) =>
    ({
      ...base,
      issue: { ...base.issue, number: pullRequest },
      ...fields,
      kind: triggerKind,
    }) as unknown as Trigger;
  await recordDelivery(pool, event, triggerOf(requestedKind));
  const id = randomUUID();
  await reserveRun(pool, id, triggerOf(kind), 'answer-review', issueNumber);
  return {
    id,
    deliveryId: base.deliveryId,
    start: () => markRunning(pool, id),
    readChecks: (...names: string[]) =>
      appendEvent(pool, id, {
        type: 'checks-failed',
        head: headSha,
        failed: names.map((name) => ({ name, unread: null })),
        onBase: ['old'],
      }),
    settle: (outcome: Outcome) => recordOutcome(pool, id, outcome),
  };
}

/** A follow-up run that started, read the failed check `unit` if it is about one, and settled. */
export async function finishFollowUp(
  pool: pg.Pool,
  issueNumber: number,
  kind: string,
  outcome: Outcome,
  options: FollowUpOptions = {},
) {
  const run = await startFollowUp(pool, issueNumber, kind, options);
  await run.start();
  if (kind === 'ci-failure' && outcome === done) await run.readChecks('unit');
  await run.settle(outcome);
  return run;
}
