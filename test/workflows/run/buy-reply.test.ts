import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { markAdmitted, readUsage } from '../../../src/database/admission.js';
import { recordSpend } from '../../../src/database/model/spend.js';
import { readEvents } from '../../../src/database/run-events.js';
import { createLog } from '../../../src/log.js';
import { createFindModel } from '../../../src/model/find-model.js';
import type { ModelClient, ModelRequest, Reply } from '../../../src/model/model.js';
import { noUsage } from '../../../src/model/models.js';
import { AbandonedReply } from '../../../src/model/reply/abandoned-reply.js';
import { RetryLater } from '../../../src/runs/retry-later.js';
import { buyReply } from '../../../src/workflows/run/control/buy-reply.js';
import { openMigratedDatabase, startLabelRun } from '../../database/test-runs.js';

let database: Awaited<ReturnType<typeof openMigratedDatabase>>;
let pool: Pool;
beforeAll(async () => {
  database = await openMigratedDatabase();
  pool = database.pool;
});
afterAll(() => database.close());

const usage = { ...noUsage, inputTokens: 1000, outputTokens: 100 };
const reply: Reply = { content: [], stopReason: 'end_turn', usage, dollars: 0.003, at: 1, durationMs: 1 };
const estimate = { ...noUsage, inputTokens: 10, cacheWriteTokens: 20, cacheReadTokens: 30, outputTokens: 40 };
const request: ModelRequest = { model: createFindModel()('sonnet'), system: [], tools: [], conversation: [] };
const budget = { turns: 10, tokens: 1_000_000, dollars: 1, minutes: 10, extension: 0.25 };
let issue = 100;

/** A run, and how it asks for the reply of its first turn. */
async function startRun() {
  issue += 1;
  const runId = await startLabelRun(pool, issue);
  await markAdmitted(pool, runId);
  const ask = (model: ModelClient['ask'], limits = budget) => {
    const d = {
      db: pool,
      now: () => new Date(),
      log: createLog('silent', []),
      model: { ask: model } as ModelClient,
    };
    return buyReply(d, { runId, turn: 1, purpose: 'reply' }, request, limits);
  };
  const rows = async () => {
    const sql = `select attempt, ending, output_tokens as "out" from pullwright.spend
      where run_id = $1 order by attempt`;
    return (await pool.query(sql, [runId])).rows;
  };
  return { runId, ask, rows, events: async () => (await readEvents(pool, runId)).map(({ event }) => event) };
}

const abandon = (ending: AbandonedReply['ending'], dollars = 0.01) => {
  throw new AbandonedReply(ending, 'the model sent nothing for 120 s', estimate, dollars);
};

test('a reply counts once: as an estimate while it is awaited, then with the real numbers', async () => {
  const { runId, ask, rows } = await startRun();
  const bought = await ask(async ({ onSpend }) => {
    expect(await rows()).toMatchObject([{ attempt: 1, ending: 'open' }]);
    onSpend?.(estimate);
    while ((await rows())[0]?.out !== 40);
    return reply;
  });
  expect(bought).toEqual({ ...reply, attempt: 1 });
  const spend = { turn: 1, purpose: 'reply' as const, attempt: 1, model: 'm', ...usage, dollars: 0.003 };
  for (let time = 0; time < 2; time++) await recordSpend(pool, runId, spend);
  expect(await rows()).toEqual([{ attempt: 1, ending: 'complete', out: 100 }]);
});

test('an abandoned reply stays in the account, and the next reply names its cost', async () => {
  const { ask, rows, events } = await startRun();
  await expect(ask(async () => abandon('silent'))).rejects.toMatchObject({ name: 'RetryLater' });
  const bought = await ask(async () => reply);
  expect(bought).toMatchObject({ attempt: 2, abandoned: { usage: estimate, dollars: 0.01 } });
  expect(await rows()).toMatchObject([
    { attempt: 1, ending: 'silent', out: 40 },
    { attempt: 2, ending: 'open' },
  ]);
  expect(await events()).toEqual([
    {
      ...{ type: 'reply-abandoned', turn: 1, purpose: 'reply', attempt: 1, ending: 'silent' },
      ...{ ...estimate, dollars: 0.01 },
    },
  ]);
});

test('the request of a worker that died is recorded once as lost', async () => {
  const { ask, rows, events } = await startRun();
  // The worker dies: this request has no end.
  const asked = new Promise<void>((resolve) => {
    void ask(() => {
      resolve();
      return new Promise(() => {});
    });
  });
  await asked;
  for (let time = 0; time < 2; time++)
    await expect(ask(async () => abandon('cut'))).rejects.toThrow('sent nothing');
  expect(await rows()).toMatchObject([{ ending: 'lost' }, { ending: 'cut' }, { ending: 'cut' }]);
  expect(await events()).toMatchObject([{ ending: 'lost' }, { ending: 'cut' }, { ending: 'cut' }]);
});

test('a request that the API refused leaves nothing in the account', async () => {
  const { ask, rows, events } = await startRun();
  const refuse = () => {
    throw new RetryLater('the model is overloaded (529)');
  };
  await expect(ask(async () => refuse())).rejects.toThrow('overloaded');
  expect([await rows(), await events()]).toEqual([[], []]);
});

test('the run fails after five requests without an answer, however many broke off in between', async () => {
  const { ask, events } = await startRun();
  const endings = ['silent', 'cut', 'late', 'cut', 'silent', 'silent'] as const;
  for (const ending of endings)
    await expect(ask(async () => abandon(ending))).rejects.toMatchObject({ name: 'RetryLater' });
  await expect(ask(async () => abandon('late'))).rejects.toMatchObject({
    outcome: {
      kind: 'failed',
      reason: 'The model did not answer 5 requests. At last, the model sent nothing for 120 s.',
    },
  });
  expect(await events()).toHaveLength(7);
});

test('the model is not asked again if abandoned replies have used up the budget', async () => {
  const { ask } = await startRun();
  await expect(ask(async () => abandon('cut', 1.5))).rejects.toThrow();
  const bought = await ask(() => Promise.reject(new Error('must not be asked')));
  expect(bought).toMatchObject({
    stopReason: 'unaffordable',
    stoppedReason: 'its limit of $1 was reached, mostly by replies that broke off',
    abandoned: { dollars: 1.5 },
  });
  expect(bought).not.toHaveProperty('attempt');
});

test('the limits per day count what is awaited and what was abandoned', async () => {
  const before = (await readUsage(pool, new Date(), { tokens: 0, dollars: 0 }))('server', '').dollars;
  const { ask } = await startRun();
  await expect(ask(async () => abandon('cut', 3))).rejects.toThrow();
  const read = async () =>
    (await readUsage(pool, new Date(), { tokens: 0, dollars: 0 }))('server', '').dollars;
  expect((await read()) - before).toBeCloseTo(3, 5);
});
