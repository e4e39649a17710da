import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { type ControlStore, openControlStore } from '../../src/database/control-store.js';
import { migrateDatabase } from '../../src/database/migrate-database.js';
import { openRunStore, type RunStore } from '../../src/database/run-store.js';
import type { Outcome } from '../../src/runs/outcome.js';
import type { Trigger } from '../../src/task/task.js';
import { labelTrigger } from '../support/label-trigger.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
let pool: pg.Pool;
let store: RunStore;
let control: ControlStore;
let number = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateDatabase(database.url);
  pool = new pg.Pool({ connectionString: database.url });
  [store, control] = [openRunStore(pool), openControlStore(pool)];
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const key = () => ({ repositoryId: 1, number });
const done: Outcome = { kind: 'refusal', reason: 'nothing had to be changed' };
const question: Outcome = { kind: 'question', questions: ['Which?'] };
const superseded: Outcome = { kind: 'stopped', reason: 'people are asked', superseded: true };

/** A run of the issue, of the next kind. */
async function reserve(kind: string, { headSha = 'a', event = 'delivery', asked = kind, pull = 100 } = {}) {
  const { issue, ...parts } = labelTrigger(number);
  const about = { ...parts, issue: { ...issue, number: pull } };
  const more = {
    label: 'backend',
    headSha,
    suiteId: 1,
    byApp: null,
    instructions: '',
    commentId: 1,
    reviewId: 1,
  };
  const of = (what: string) => ({ ...about, ...more, control: 'retry', kind: what }) as unknown as Trigger;
  await store.recordDelivery(event, of(asked));
  const id = randomUUID();
  await store.reserveRun(id, of(kind), 'answer-review', number);
  return {
    id,
    deliveryId: parts.deliveryId,
    begin: () => store.markRunning(id),
    reads: (...names: string[]) =>
      store.appendEvent(id, {
        type: 'checks-failed',
        head: headSha,
        failed: names.map((name) => ({ name, unread: null })),
        onBase: ['old'],
      }),
    end: (outcome: Outcome) => store.recordOutcome(id, outcome),
  };
}
/** Begun and ended. */
async function had(kind: string, outcome: Outcome, more: Parameters<typeof reserve>[1] = {}) {
  const run = await reserve(kind, more);
  await run.begin();
  if (kind === 'ci-failure' && outcome === done) await run.reads('unit');
  await run.end(outcome);
  return run;
}

describe('the failed checks of a commit', () => {
  test('are awaited by a run until it reads them, and then only what it read was looked at', async () => {
    number += 1;
    const nothing = { names: [], runs: 0, isAwaited: false };
    expect(await control.findLookedAt(key(), 'a')).toEqual(nothing);
    const run = await reserve('ci-failure');
    expect(await control.findLookedAt(key(), 'a')).toEqual({ ...nothing, isAwaited: true });
    expect(await control.findLookedAt(key(), 'a', run.deliveryId)).toEqual(nothing);
    expect(await control.findLookedAt(key(), 'b')).toEqual(nothing);
    await run.begin();
    await run.reads('unit', 'lint');
    const looked = { names: ['unit', 'lint', 'old'], runs: 1, isAwaited: false };
    expect(await control.findLookedAt(key(), 'a')).toEqual(looked);
    await run.end(done);
    expect(await control.findLookedAt(key(), 'a')).toEqual(looked);
    await had('ci-failure', superseded);
    expect(await control.findLookedAt(key(), 'a')).toEqual({ ...looked, runs: 2 });
  });

  test('count a run each that looked at them, since people last asked for something', async () => {
    number += 1;
    const count = () => control.countRunsForChecks(key());
    await had('review', done);
    expect(await count()).toBe(0);
    await had('ci-failure', done);
    await had('conflict', done);
    // The same commit, a run that stands in line, one that gave way, and one that was begun again.
    await had('ci-failure', done);
    await reserve('ci-failure', { headSha: 'b' });
    await had('ci-failure', superseded, { headSha: 'b' });
    await had('ci-failure', done, { event: 'restart' });
    expect(await count()).toBe(2);
    await had('ci-failure', done, { asked: 'control' });
    expect(await count()).toBe(0);
    await had('ci-failure', done, { headSha: 'c' });
    expect(await count()).toBe(1);
  });

  test('are left to people when the run about them was ended in line, or what it gave way to was broken off', async () => {
    number += 1;
    await had('review', done);
    expect(await control.wasBrokenOff(key())).toBe(false);
    const run = await reserve('ci-failure');
    await control.endQueued(run.id, { kind: 'stopped', reason: '@ada stopped it' });
    expect(await control.wasBrokenOff(key())).toBe(true);
    await had('ci-failure', superseded);
    expect(await control.wasBrokenOff(key())).toBe(true);
    await had('review', done);
    expect(await control.wasBrokenOff(key())).toBe(false);
  });
});

describe('a question', () => {
  test('stays open behind what gives way to it, and behind what was ended in line', async () => {
    number += 1;
    const asking = await had('command', question, { pull: 7 });
    const inLine = await reserve('ci-failure');
    expect(await control.findOpenQuestion(key())).toBe(asking.id);
    expect(await control.findAskedPlace(key(), inLine.id)).toBe(7);
    await inLine.begin();
    await inLine.end(superseded);
    const stopped = await reserve('review');
    await control.endQueued(stopped.id, { kind: 'stopped', reason: '@ada stopped it' });
    expect(await control.findOpenQuestion(key())).toBe(asking.id);
    const due = (await control.listUnanswered(0, 60_000)).map(({ id }) => id);
    expect(due).toContain(asking.id);

    const review = await reserve('review');
    expect(await control.findOpenQuestion(key())).toBeNull();
    expect(await control.findAskedPlace(key(), review.id)).toBe(7);
    await review.begin();
    await review.end(done);
    expect(await control.findAskedPlace(key(), (await reserve('command')).id)).toBeNull();
  });

  test('that was closed without an answer is in nobody’s way', async () => {
    number += 1;
    const asking = await had('command', question);
    await control.markReminded(asking.id, 'close');
    expect(await control.findAskedPlace(key(), (await reserve('ci-failure')).id)).toBeNull();
  });
});
