import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { recordOutcome } from '../../src/database/runs.js';
import { addMessage, moveMessages, takeMessages } from '../../src/database/steering-messages.js';
import { openMigratedDatabase, startLabelRun } from './test-runs.js';

let database: Awaited<ReturnType<typeof openMigratedDatabase>>;
let pool: Pool;
let number = 0;

beforeAll(async () => {
  database = await openMigratedDatabase();
  pool = database.pool;
});
afterAll(() => database.close());

async function startRun(): Promise<string> {
  number += 1;
  return startLabelRun(pool, number);
}

const send = (runId: string, text: string, deliveryId: string = randomUUID()) =>
  addMessage(pool, runId, deliveryId, { author: 'ann', text });
const take = async (runId: string, turn: number, closing = false) =>
  (await takeMessages(pool, runId, turn, closing)).map(({ text }) => text);

test('messages are delivered once and in order, and a repeated turn gets them again', async () => {
  const run = await startRun();
  for (const text of ['one', 'two']) expect(await send(run, text)).toBe(true);
  expect(await take(run, 1)).toEqual(['one', 'two']);
  await send(run, 'three');
  expect(await take(run, 1)).toEqual(['one', 'two', 'three']);
  expect(await take(run, 2)).toEqual([]);
});

test('a repeated delivery adds no second message', async () => {
  const run = await startRun();
  // Postgres cannot store a NUL.
  expect(await send(run, 'on\0ce', 'delivery')).toBe(true);
  expect(await send(run, 'on\0ce', 'delivery')).toBe(true);
  expect(await take(run, 1)).toEqual(['once']);
});

test('an agent that wants to finish gets the waiting messages first, and the run closes when there are none', async () => {
  const run = await startRun();
  await send(run, 'wait');
  expect(await take(run, 1, true)).toEqual(['wait']);
  expect(await send(run, 'and this')).toBe(true);
  expect(await take(run, 2, true)).toEqual(['and this']);
  expect(await take(run, 3, true)).toEqual([]);
  expect(await send(run, 'too late')).toBe(false);
});

test('a message that races with the closing of its run is either delivered or refused', async () => {
  for (let round = 0; round < 30; round++) {
    const run = await startRun();
    const [taken, added] = await Promise.all([take(run, 1, true), send(run, 'now')]);
    expect(taken.length === 1).toBe(added);
  }
});

test('a settled run refuses messages', async () => {
  const run = await startRun();
  await recordOutcome(pool, run, { kind: 'stopped', reason: 'so' });
  expect(await send(run, 'hello?')).toBe(false);
});

test('a run that continues another gets its undelivered messages, and a run that restarts it gets all', async () => {
  const [from, next, restarted] = [await startRun(), await startRun(), await startRun()];
  await send(from, 'delivered');
  await take(from, 1);
  await send(from, 'undelivered');
  const authors: string[] = [];
  await moveMessages(pool, from, next, 'undelivered', async (author) => void authors.push(author));
  expect(authors).toEqual(['ann']);
  expect(await take(next, 0)).toEqual(['undelivered']);
  await moveMessages(pool, from, restarted, 'all', async () => {});
  expect(await take(restarted, 0)).toEqual(['delivered']);
});
