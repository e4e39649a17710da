import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { countAttempt, forgiveAttempts, readAttempts } from '../../src/database/attempts.js';
import { copyCheckpoint, loadCheckpoint, saveCheckpoint } from '../../src/database/checkpoints.js';
import { readIssue, updateIssue } from '../../src/database/issues.js';
import { listOutputs, loadOutput, saveOutput } from '../../src/database/outputs.js';
import { appendEvent, findRecordedOutcome, readEvents } from '../../src/database/run-events.js';
import { readStops, requestStop } from '../../src/database/stops.js';
import { noUsage } from '../../src/model/models.js';
import { done, openMigratedDatabase, startLabelRun } from './test-runs.js';

let database: Awaited<ReturnType<typeof openMigratedDatabase>>;
let pool: Pool;
let number = 0;
let id: string;

beforeAll(async () => {
  database = await openMigratedDatabase();
  pool = database.pool;
});
afterAll(() => database.close());
beforeEach(async () => {
  number += 1;
  id = await startLabelRun(pool, number);
});

test('an event is recorded once per key, and events are read in order', async () => {
  await appendEvent(pool, id, { type: 'queued', ahead: 1 });
  await appendEvent(pool, id, { type: 'queued', ahead: 0 });
  await appendEvent(pool, id, { type: 'started', worker: 'w' });
  expect((await readEvents(pool, id)).map(({ event }) => event)).toEqual([
    { type: 'queued', ahead: 1 },
    { type: 'started', worker: 'w' },
  ]);
});

test('a recorded outcome is found before the run is settled', async () => {
  expect(await findRecordedOutcome(pool, id)).toBeNull();
  await appendEvent(pool, id, { type: 'settled', outcome: done });
  expect(await findRecordedOutcome(pool, id)).toEqual(done);
});

test('an event between two attempts resets their count, but not the settled event or a lost reply', async () => {
  await appendEvent(pool, id, { type: 'queued', ahead: 0 });
  expect([await countAttempt(pool, id), await countAttempt(pool, id)]).toEqual([1, 2]);
  await appendEvent(pool, id, { type: 'settled', outcome: done });
  expect(await countAttempt(pool, id)).toBe(3);
  await forgiveAttempts(pool, [`${id}@workflows-3`, 'not a run']);
  expect(await readAttempts(pool, id)).toBe(2);
  const lost = {
    ...noUsage,
    turn: 1,
    purpose: 'reply' as const,
    attempt: 1,
    ending: 'lost' as const,
    dollars: 0,
  };
  await appendEvent(pool, id, { type: 'reply-abandoned', ...lost });
  expect(await readAttempts(pool, id)).toBe(2);
  await appendEvent(pool, id, { type: 'started', worker: 'w' });
  expect(await readAttempts(pool, id)).toBe(0);
  expect(await countAttempt(pool, id)).toBe(1);
});

test('a run that only waits has no attempts', async () => {
  await appendEvent(pool, id, { type: 'waiting', reason: 'GitHub is away', untilMs: 1 });
  await countAttempt(pool, id);
  expect(await readAttempts(pool, id)).toBe(0);
});

test('the first stop request counts, and a later one can only drop work that was to be kept', async () => {
  const stopOf = async () => (await readStops(pool, [id])).get(id);
  expect(await stopOf()).toBeUndefined();
  await requestStop(pool, id, { reason: 'first', keep: true });
  await requestStop(pool, id, { reason: 'second', keep: true });
  expect(await stopOf()).toEqual({ reason: 'first', keep: true });
  await requestStop(pool, id, { reason: 'third', keep: false });
  await requestStop(pool, id, { reason: 'fourth', keep: true });
  expect(await stopOf()).toEqual({ reason: 'third', keep: false });
});

test("an update of an issue's record keeps the fields that it does not name", async () => {
  const key = { repositoryId: 1, number };
  await updateIssue(pool, key, { progressCommentId: 5_000_000_000 });
  await updateIssue(pool, key, { pullRequest: 8 });
  expect(await readIssue(pool, key)).toEqual({
    progressCommentId: 5_000_000_000,
    pullRequest: 8,
    pushedCommit: null,
  });
});

test('a checkpoint is loaded byte for byte, also by a run that it was copied to', async () => {
  const bundle = Buffer.from([0, 1, 255, 10, 13]);
  await saveCheckpoint(pool, id, 'abc', bundle);
  expect(await loadCheckpoint(pool, id, 'abc')).toEqual(bundle);
  expect(await loadCheckpoint(pool, id, 'abd')).toBeNull();
  const next = await startLabelRun(pool, number + 1000);
  expect(await copyCheckpoint(pool, id, next, 'abc')).toBe(true);
  expect(await copyCheckpoint(pool, id, next, 'abd')).toBe(false);
  expect(await loadCheckpoint(pool, next, 'abc')).toEqual(bundle);
});

test('an output of the same name is replaced, and outputs beyond the limit of a run are dropped', async () => {
  await saveOutput(pool, id, 'out-1', Buffer.from('one'));
  await saveOutput(pool, id, 'out-1', Buffer.from('two'));
  await saveOutput(pool, id, 'out-2', Buffer.alloc(32 * 1024 * 1024));
  expect(await listOutputs(pool, id)).toEqual(['out-1']);
  expect((await loadOutput(pool, id, 'out-1'))?.toString()).toBe('two');
  expect(await loadOutput(pool, id, 'out-2')).toBeNull();
});
