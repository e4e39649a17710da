import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import {
  closeQuestion,
  findAskedPlace,
  findOpenQuestion,
  isAsking,
  listUnansweredQuestions,
  markReminded,
  readQuestions,
} from '../../src/database/open-questions.js';
import { appendEvent } from '../../src/database/run-events.js';
import { settleQueuedRun } from '../../src/database/runs.js';
import {
  done,
  finishFollowUp,
  openMigratedDatabase,
  question,
  startFollowUp,
  superseded,
} from './test-runs.js';

let database: Awaited<ReturnType<typeof openMigratedDatabase>>;
let pool: Pool;
let number = 0;

beforeAll(async () => {
  database = await openMigratedDatabase();
  pool = database.pool;
});
afterAll(() => database.close());
beforeEach(() => {
  number += 1;
});

const key = () => ({ repositoryId: 1, number });
const actionsOf = async (runId: string, remindAfterMs: number, closeAfterMs: number) =>
  (await listUnansweredQuestions(pool, remindAfterMs, closeAfterMs))
    .filter((due) => due.runId === runId)
    .map(({ action }) => action);

test('a question stays open when later runs are superseded or stopped before they start', async () => {
  const asking = await finishFollowUp(pool, number, 'command', question, { pullRequest: 7 });
  const queued = await startFollowUp(pool, number, 'ci-failure');
  expect(await findOpenQuestion(pool, key())).toBe(asking.id);
  expect(await findAskedPlace(pool, key(), queued.id)).toBe(7);
  await queued.start();
  await queued.settle(superseded);
  const stopped = await startFollowUp(pool, number, 'review');
  await settleQueuedRun(pool, stopped.id, { kind: 'stopped', reason: '@ada stopped the run' });
  expect(await findOpenQuestion(pool, key())).toBe(asking.id);
  expect(await actionsOf(asking.id, 0, 60_000)).toEqual(['remind']);
});

test('a run that a person requested answers the question when it settles', async () => {
  const asking = await finishFollowUp(pool, number, 'command', question, { pullRequest: 7 });
  expect(await readQuestions(pool, key())).toEqual(['Which?']);
  const review = await startFollowUp(pool, number, 'review');
  expect(await findOpenQuestion(pool, key())).toBeNull();
  expect(await findAskedPlace(pool, key(), review.id)).toBe(7);
  await review.start();
  await review.settle(done);
  expect(await findAskedPlace(pool, key(), (await startFollowUp(pool, number, 'command')).id)).toBeNull();
  expect(await actionsOf(asking.id, 0, 60_000)).toEqual([]);
  expect(await readQuestions(pool, key())).toEqual([]);
});

test('a question that was closed without an answer is no longer open', async () => {
  const asking = await finishFollowUp(pool, number, 'command', question);
  await closeQuestion(pool, asking.id);
  expect(await findOpenQuestion(pool, key())).toBeNull();
  const next = await startFollowUp(pool, number, 'ci-failure');
  expect(await findAskedPlace(pool, key(), next.id)).toBeNull();
});

test('a question is due for one reminder and later to be closed', async () => {
  const asking = await finishFollowUp(pool, number, 'command', question);
  expect(await actionsOf(asking.id, 60_000, 120_000)).toEqual([]);
  expect(await actionsOf(asking.id, 0, 60_000)).toEqual(['remind']);
  await markReminded(pool, asking.id);
  expect(await actionsOf(asking.id, 0, 60_000)).toEqual([]);
  expect(await actionsOf(asking.id, 0, 0)).toEqual(['close']);
});

test('a run asks from when its question is recorded until it settles', async () => {
  const run = await startFollowUp(pool, number, 'command');
  await run.start();
  expect(await isAsking(pool, key())).toBe(false);
  await appendEvent(pool, run.id, { type: 'settled', outcome: question });
  expect(await isAsking(pool, key())).toBe(true);
  await run.settle(question);
  expect(await isAsking(pool, key())).toBe(false);
});
