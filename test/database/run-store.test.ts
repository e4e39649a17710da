import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { migrateDatabase } from '../../src/database/migrate-database.js';
import { openRunStore, type RunStore } from '../../src/database/run-store.js';
import type { Trigger } from '../../src/task/task.js';
import { labelTrigger as trigger } from '../support/label-trigger.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
let pool: pg.Pool;
let store: RunStore;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateDatabase(database.url);
  pool = new pg.Pool({ connectionString: database.url });
  store = openRunStore(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function reserve(of: Trigger, id: string = randomUUID()) {
  await store.recordDelivery('issues', of);
  return store.reserveRun(id, of);
}

test('a delivery is recorded once, however often it comes', async () => {
  const twice = trigger(1);
  expect(await store.recordDelivery('issues', twice)).toBe(true);
  expect(await store.recordDelivery('issues', twice)).toBe(false);
});

test('an issue has one live run: the second trigger learns which', async () => {
  const first = await reserve(trigger(2));
  if (!('run' in first)) throw new Error('expected a run');
  expect(await reserve(trigger(2))).toEqual({ busyWith: first.run.id });
  await store.recordOutcome(first.run.id, { kind: 'stopped', reason: 'test' });
  expect(await reserve(trigger(2))).toHaveProperty('run');
});

test('reserving again for the same delivery finds the same run', async () => {
  const same = trigger(3);
  const id = randomUUID();
  expect(await reserve(same, id)).toEqual(await reserve(same, id));
});

test('of twenty triggers at once for one issue, one gets the run', async () => {
  const results = await Promise.all(Array.from({ length: 20 }, () => reserve(trigger(4))));
  expect(results.filter((result) => 'run' in result)).toHaveLength(1);
});

test('a settled run stays as it was settled', async () => {
  const reserved = await reserve(trigger(5));
  if (!('run' in reserved)) throw new Error('expected a run');
  await store.recordOutcome(reserved.run.id, { kind: 'stopped', reason: 'first' });
  await store.recordOutcome(reserved.run.id, { kind: 'failed', reason: 'second' });
  await store.markRunning(reserved.run.id);
  expect(await store.findRun(reserved.run.id)).toMatchObject({
    status: 'settled',
    outcome: { kind: 'stopped', reason: 'first' },
  });
});

test('an event is told once per key, in order', async () => {
  const reserved = await reserve(trigger(6));
  if (!('run' in reserved)) throw new Error('expected a run');
  const { id } = reserved.run;
  await store.appendEvent(id, { type: 'queued', ahead: 1 });
  await store.appendEvent(id, { type: 'queued', ahead: 0 });
  await store.appendEvent(id, { type: 'started', worker: 'w' });
  expect((await store.readEvents(id)).map(({ event }) => event)).toEqual([
    { type: 'queued', ahead: 1 },
    { type: 'started', worker: 'w' },
  ]);
});

test('words that Postgres cannot keep are kept without what it refuses', async () => {
  const reserved = await reserve(trigger(7));
  if (!('run' in reserved)) throw new Error('expected a run');
  await store.recordOutcome(reserved.run.id, { kind: 'question', questions: ['what\0 is \ud800?'] });
  expect((await store.findRun(reserved.run.id))?.outcome).toEqual({
    kind: 'question',
    questions: ['what is \ufffd?'],
  });
});

test("an issue's record keeps what is not given", async () => {
  const key = { repositoryId: 1, number: 77 };
  await store.updateIssue(key, { progressCommentId: 5_000_000_000 });
  await store.updateIssue(key, { pullRequest: 8 });
  expect(await store.readIssue(key)).toEqual({
    progressCommentId: 5_000_000_000,
    pullRequest: 8,
    pushedCommit: null,
  });
});

test('a checkpoint comes back byte for byte', async () => {
  const reserved = await reserve(trigger(8));
  if (!('run' in reserved)) throw new Error('expected a run');
  const bundle = Buffer.from([0, 1, 255, 10, 13]);
  await store.checkpoints.save(reserved.run.id, 'abc', bundle);
  expect(await store.checkpoints.load(reserved.run.id, 'abc')).toEqual(bundle);
  expect(await store.checkpoints.load(reserved.run.id, 'abd')).toBeNull();
});
