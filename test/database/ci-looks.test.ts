import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { countRunsForCiFailures, findLookedAt } from '../../src/database/ci-looks.js';
import { done, finishFollowUp, openMigratedDatabase, startFollowUp, superseded } from './test-runs.js';

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

const lookedAt = (headSha: string, exceptDeliveryId?: string) =>
  findLookedAt(pool, { repositoryId: 1, number }, headSha, exceptDeliveryId);

test('failed checks of a commit are awaited until a run reads them, and then they count as looked at', async () => {
  const nothing = { names: [], runs: 0, isAwaited: false };
  expect(await lookedAt('a')).toEqual(nothing);
  const run = await startFollowUp(pool, number, 'ci-failure');
  expect(await lookedAt('a')).toEqual({ ...nothing, isAwaited: true });
  expect(await lookedAt('a', run.deliveryId)).toEqual(nothing);
  expect(await lookedAt('b')).toEqual(nothing);
  await run.start();
  await run.readChecks('unit', 'lint');
  const looked = { names: ['unit', 'lint', 'old'], runs: 1, isAwaited: false };
  expect(await lookedAt('a')).toEqual(looked);
  await run.settle(done);
  expect(await lookedAt('a')).toEqual(looked);
  await finishFollowUp(pool, number, 'ci-failure', superseded);
  expect(await lookedAt('a')).toEqual({ ...looked, runs: 2 });
});

test('runs that looked at CI failures are counted since a person last requested something', async () => {
  const count = () => countRunsForCiFailures(pool, { repositoryId: 1, number });
  const finish = (kind: string, options?: Parameters<typeof finishFollowUp>[4]) =>
    finishFollowUp(pool, number, kind, done, options);
  await finish('review');
  expect(await count()).toBe(0);
  await finish('ci-failure');
  await finish('conflict');
  await finish('ci-failure');
  // None of these counts: a queued run, a superseded run and a restarted run.
  await startFollowUp(pool, number, 'ci-failure', { headSha: 'b' });
  await finishFollowUp(pool, number, 'ci-failure', superseded, { headSha: 'b' });
  await finish('ci-failure', { event: 'restart' });
  expect(await count()).toBe(2);
  await finish('ci-failure', { requestedKind: 'control' });
  expect(await count()).toBe(0);
  await finish('ci-failure', { headSha: 'c' });
  expect(await count()).toBe(1);
});
