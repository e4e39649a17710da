import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { recordDelivery } from '../../src/database/deliveries.js';
import {
  countAhead,
  findLatestRun,
  findRequester,
  findRun,
  findRunOfDelivery,
  hasRuns,
  isRepositoryBusy,
  listBusyIssues,
  listEarlierRuns,
  listLiveRuns,
  markRunning,
  recordOutcome,
  reserveRun,
  settleQueuedRun,
  wasCutShort,
} from '../../src/database/runs.js';
import type { Trigger } from '../../src/task/task.js';
import { labelTrigger } from '../support/label-trigger.js';
import {
  done,
  finishFollowUp,
  openMigratedDatabase,
  startFollowUp,
  startLabelRun,
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
const stopped = { kind: 'stopped', reason: '@ada stopped the run' } as const;

async function reserve(trigger: Trigger, id: string = randomUUID()) {
  await recordDelivery(pool, 'issues', trigger);
  return reserveRun(pool, id, trigger);
}

test('an issue has one live run, and a second trigger learns which', async () => {
  const id = await startLabelRun(pool, number);
  expect(await reserve(labelTrigger(number))).toEqual({ busyWith: id });
  await recordOutcome(pool, id, stopped);
  expect(await reserve(labelTrigger(number))).toHaveProperty('run');
});

test('reserving again for the same delivery returns the same run', async () => {
  const trigger = labelTrigger(number);
  const id = randomUUID();
  expect(await reserve(trigger, id)).toEqual(await reserve(trigger, id));
  expect(await findRunOfDelivery(pool, trigger.deliveryId)).toBe(id);
});

test('only one of twenty simultaneous triggers for an issue gets the run', async () => {
  const results = await Promise.all(Array.from({ length: 20 }, () => reserve(labelTrigger(number))));
  expect(results.filter((result) => 'run' in result)).toHaveLength(1);
});

test('a settled run keeps its first outcome and does not start again', async () => {
  const id = await startLabelRun(pool, number);
  await recordOutcome(pool, id, stopped);
  await recordOutcome(pool, id, { kind: 'failed', reason: 'second' });
  await markRunning(pool, id);
  expect(await findRun(pool, id)).toMatchObject({ status: 'settled', outcome: stopped });
});

test('a run can be settled as queued only until it starts', async () => {
  const id = await startLabelRun(pool, number);
  await markRunning(pool, id);
  expect(await settleQueuedRun(pool, id, stopped)).toBe(false);
  expect(await findRun(pool, id)).toMatchObject({ status: 'running', outcome: null });
});

test('characters that Postgres cannot store are removed or replaced', async () => {
  const id = await startLabelRun(pool, number);
  await recordOutcome(pool, id, { kind: 'question', questions: ['what\0 is \ud800?'] });
  expect((await findRun(pool, id))?.outcome).toEqual({ kind: 'question', questions: ['what is \ufffd?'] });
});

test('an outcome with characters that Postgres cannot store settles a queued run too', async () => {
  const id = await startLabelRun(pool, number);
  expect(await settleQueuedRun(pool, id, { kind: 'stopped', reason: 'so\0' })).toBe(true);
  expect((await findRun(pool, id))?.outcome).toEqual({ kind: 'stopped', reason: 'so' });
});

test("an issue's runs are listed live oldest first, and earlier ones newest first", async () => {
  expect(await hasRuns(pool, key())).toBe(false);
  const first = await finishFollowUp(pool, number, 'review', done);
  const second = await startFollowUp(pool, number, 'review');
  const third = await startFollowUp(pool, number, 'ci-failure');
  expect(await hasRuns(pool, key())).toBe(true);
  expect((await listLiveRuns(pool, key())).map(({ id }) => id)).toEqual([second.id, third.id]);
  expect(await listEarlierRuns(pool, key(), third.id)).toEqual([second.id, first.id]);
  expect(await findLatestRun(pool, key())).toBe(third.id);
  expect((await countAhead(pool, third.id)) - (await countAhead(pool, second.id))).toBe(1);
  // A superseded run did nothing, so the one before it is the latest.
  await recordOutcome(pool, third.id, { kind: 'stopped', reason: 'Nothing to do.', superseded: true });
  expect(await findLatestRun(pool, key())).toBe(second.id);
});

test('a repository and an issue are busy while they have a live run', async () => {
  const id = await startLabelRun(pool, number);
  expect(await isRepositoryBusy(pool, 1)).toBe(true);
  expect(await isRepositoryBusy(pool, 2)).toBe(false);
  expect(await listBusyIssues(pool, 1)).toContain(number);
  await recordOutcome(pool, id, done);
  expect(await listBusyIssues(pool, 1)).not.toContain(number);
});

test('a person who only answered a question is not the requester', async () => {
  expect(await findRequester(pool, key())).toBeNull();
  await finishFollowUp(pool, number, 'answer', done);
  expect(await findRequester(pool, key())).toBeNull();
  await finishFollowUp(pool, number, 'review', done);
  expect(await findRequester(pool, key())).toEqual(labelTrigger(number).sender);
});

test('an issue was cut short when its run was stopped before it started, also behind a superseded run', async () => {
  await finishFollowUp(pool, number, 'review', done);
  expect(await wasCutShort(pool, key())).toBe(false);
  const run = await startFollowUp(pool, number, 'ci-failure');
  await settleQueuedRun(pool, run.id, stopped);
  expect(await wasCutShort(pool, key())).toBe(true);
  await finishFollowUp(pool, number, 'ci-failure', superseded);
  expect(await wasCutShort(pool, key())).toBe(true);
  await finishFollowUp(pool, number, 'review', done);
  expect(await wasCutShort(pool, key())).toBe(false);
});
