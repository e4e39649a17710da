import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { findHold, openHold } from '../../../src/database/model/account-hold.js';
import { appendEvent } from '../../../src/database/run-events.js';
import { createLog } from '../../../src/log.js';
import { AccountRefused } from '../../../src/model/account-refused.js';
import { createFindModel } from '../../../src/model/find-model.js';
import type { ModelClient } from '../../../src/model/model.js';
import type { Dependencies } from '../../../src/workflows/dependencies.js';
import { probeAccount } from '../../../src/workflows/scheduled/probe-account.js';
import { openMigratedDatabase, startLabelRun } from '../../database/test-runs.js';

const hold = { model: 'claude-haiku-5-5', reason: 'no credit' };
let database: Awaited<ReturnType<typeof openMigratedDatabase>>;
let pool: Pool;
let woken: string[];
let issue = 0;

beforeAll(async () => {
  database = await openMigratedDatabase();
  pool = database.pool;
});
afterAll(() => database.close());
beforeEach(() => {
  woken = [];
});

/** @returns the models that were probed */
async function probe(answer: () => Promise<void>, signal = new AbortController().signal) {
  const probed: string[] = [];
  const model: Pick<ModelClient, 'probe'> = {
    probe: ({ id }) => {
      probed.push(id);
      return answer();
    },
  };
  const queue = { wake: async (id: string) => void woken.push(id) } as Dependencies['queue'];
  const d = {
    db: pool,
    model: model as ModelClient,
    queue,
    findModel: createFindModel(),
    log: createLog('silent', []),
  };
  await probeAccount(d, signal);
  return probed;
}

const refuse = async () => {
  throw new AccountRefused('no credit');
};

test('without a hold, nothing is sent', async () => {
  expect(await probe(refuse)).toEqual([]);
});

test('the hold stays while the account is refused, and while this process stops', async () => {
  expect(await openHold(pool, hold)).toBe(true);
  expect(await openHold(pool, { ...hold, reason: 'another' })).toBe(false);
  expect(await probe(refuse)).toEqual([hold.model]);
  await probe(async () => {
    throw new Error('aborted');
  }, AbortSignal.abort());
  expect(await findHold(pool)).toEqual(hold);
  expect(woken).toEqual([]);
});

test.each([
  ['accepts the probe', async () => {}],
  [
    'refuses the probe for another reason',
    async () => {
      throw new Error('400');
    },
  ],
])('the hold ends if the API %s, and wakes only the runs that wait for it', async (_, answer) => {
  await openHold(pool, hold);
  const start = async (reason: string) => {
    issue += 1;
    const id = await startLabelRun(pool, issue);
    await appendEvent(pool, id, { type: 'waiting', reason, untilMs: 1 });
    return id;
  };
  const waiting = await start(hold.reason);
  await start('GitHub is away');
  const continued = await start(hold.reason);
  await appendEvent(pool, continued, { type: 'started', worker: 'w' });
  await probe(answer);
  expect(await findHold(pool)).toBeNull();
  expect(woken).toEqual([waiting]);
  await appendEvent(pool, waiting, { type: 'started', worker: 'w' });
});
