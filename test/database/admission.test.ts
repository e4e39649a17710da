import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import {
  listWaitingRuns,
  markAdmitted,
  markAnnounced,
  markHeld,
  readUsage,
} from '../../src/database/admission.js';
import { openRequest, recordSpend, updateRequest } from '../../src/database/model/spend.js';
import { recordOutcome } from '../../src/database/runs.js';
import { done, openMigratedDatabase, startLabelRun } from './test-runs.js';

let database: Awaited<ReturnType<typeof openMigratedDatabase>>;
let pool: Pool;
const today = new Date();

beforeAll(async () => {
  database = await openMigratedDatabase();
  pool = database.pool;
});
afterAll(() => database.close());

test('a run waits from its announcement until it is admitted', async () => {
  const id = await startLabelRun(pool, 1);
  expect(await listWaitingRuns(pool)).toEqual([]);
  const who = { id, user: '3', login: 'ann', repository: '1' };
  const waiting = { ...who, heldReason: null, mayContinue: false, createdAt: expect.any(Date) };
  expect(await listWaitingRuns(pool, id)).toEqual([waiting]);
  await markAnnounced(pool, id);
  expect(await listWaitingRuns(pool)).toEqual([waiting]);
  await markHeld(pool, id, 'the limit is reached');
  expect(await listWaitingRuns(pool)).toEqual([{ ...waiting, heldReason: 'the limit is reached' }]);
  await markAdmitted(pool, id);
  expect(await listWaitingRuns(pool)).toEqual([]);
  await recordOutcome(pool, id, done);
});

test('a live run counts with its whole budget, and a settled run with what it spent', async () => {
  const spend = {
    inputTokens: 1,
    cacheWriteTokens: 2,
    cacheWrite1hTokens: 1,
    cacheReadTokens: 3,
    outputTokens: 4,
    dollars: 0.5,
  };
  const [live, settled] = [await startLabelRun(pool, 2), await startLabelRun(pool, 3)];
  for (const id of [live, settled]) {
    await markAdmitted(pool, id);
    const key = { runId: id, turn: 1, purpose: 'reply' as const };
    const attempt = await openRequest(pool, key, 'm', { ...spend, dollars: 0.25 });
    const complete = { ...spend, turn: 1, purpose: 'reply' as const, attempt, model: 'm' };
    await recordSpend(pool, id, complete);
    // A repeated turn is not counted twice, and a late estimate does not replace the real numbers.
    await recordSpend(pool, id, complete);
    await updateRequest(pool, { ...key, attempt }, { ...spend, dollars: 9 }, 'cut');
  }
  await recordOutcome(pool, settled, done);
  const usageOf = await readUsage(pool, today, { tokens: 100, dollars: 2 });
  const usage = { atOnce: 1, runs: 3, tokens: 110, dollars: 2.5 };
  expect(usageOf('user', '3')).toMatchObject(usage);
  expect(usageOf('repository', '1')).toMatchObject(usage);
  expect(usageOf('server', '')).toMatchObject(usage);
  expect(usageOf('user', '4')).toEqual({ atOnce: 0, runs: 0, tokens: 0, dollars: 0 });
});

test('an earlier day counts no more, but a run that is live since then still counts', async () => {
  const usageOf = await readUsage(pool, new Date(today.getTime() + 48 * 3_600_000), {
    tokens: 100,
    dollars: 2,
  });
  expect(usageOf('server', '')).toMatchObject({ atOnce: 1, runs: 0, tokens: 90, dollars: 1.5 });
});
