import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { migrateDatabase } from '../../src/database/migrate-database.js';
import { openRunStore, type RunStore } from '../../src/database/run-store.js';
import { openSteeringStore, type SteeringStore } from '../../src/database/steering-store.js';
import { labelTrigger } from '../support/label-trigger.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
let pool: pg.Pool;
let store: RunStore;
let words: SteeringStore;
let issues = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateDatabase(database.url);
  pool = new pg.Pool({ connectionString: database.url });
  store = openRunStore(pool);
  words = openSteeringStore(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function startRun(): Promise<string> {
  issues += 1;
  const id = randomUUID();
  const trigger = labelTrigger(issues);
  await store.recordDelivery('issues', trigger);
  await store.reserveRun(id, trigger);
  return id;
}

const say = (run: string, text: string, delivery: string = randomUUID()) =>
  words.add(run, delivery, { author: 'ann', text });
const textsOf = async (taken: Promise<{ text: string }[]>) => (await taken).map(({ text }) => text);

test('words are heard once, in their order, and the same again when the turn is done again', async () => {
  const run = await startRun();
  for (const text of ['one', 'two']) expect(await say(run, text)).toBe(true);
  expect(await textsOf(words.take(run, 1, false))).toEqual(['one', 'two']);
  await say(run, 'three');
  expect(await textsOf(words.take(run, 1, false))).toEqual(['one', 'two', 'three']);
  expect(await textsOf(words.take(run, 2, false))).toEqual([]);
});

test('the same delivery a second time changes nothing', async () => {
  const run = await startRun();
  // A NUL is nothing that Postgres keeps.
  expect(await say(run, 'on\0ce', 'delivery')).toBe(true);
  expect(await say(run, 'on\0ce', 'delivery')).toBe(true);
  expect(await textsOf(words.take(run, 1, false))).toEqual(['once']);
});

test('an agent that wants to end hears first, and when there is nothing, nothing more is taken', async () => {
  const run = await startRun();
  await say(run, 'wait');
  expect(await textsOf(words.take(run, 1, true))).toEqual(['wait']);
  expect(await say(run, 'and this')).toBe(true);
  expect(await textsOf(words.take(run, 2, true))).toEqual(['and this']);
  expect(await textsOf(words.take(run, 3, true))).toEqual([]);
  expect(await say(run, 'too late')).toBe(false);
});

test('words come in time or are refused: none is taken and never heard, however the two meet', async () => {
  for (let round = 0; round < 30; round++) {
    const run = await startRun();
    const [taken, added] = await Promise.all([words.take(run, 1, true), say(run, 'now')]);
    expect(taken.length === 1).toBe(added);
  }
});

test('a settled run takes none', async () => {
  const run = await startRun();
  await store.recordOutcome(run, { kind: 'stopped', reason: 'so' });
  expect(await say(run, 'hello?')).toBe(false);
});

test('a run that goes on for another has what that one did not hear; one that begins anew has all', async () => {
  const [from, next, anew] = [await startRun(), await startRun(), await startRun()];
  await say(from, 'heard');
  await words.take(from, 1, false);
  await say(from, 'unheard');
  const told: string[] = [];
  await words.move(from, next, 'unheard', async (author) => void told.push(author));
  expect(told).toEqual(['ann']);
  expect(await textsOf(words.take(next, 0, false))).toEqual(['unheard']);
  await words.move(from, anew, 'all', async () => {});
  expect(await textsOf(words.take(anew, 0, false))).toEqual(['heard']);
});
