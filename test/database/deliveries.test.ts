import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import {
  findDuplicate,
  findStopSince,
  isLabelKnown,
  listKnownComments,
  recordDelivery,
  recordDeliveryResult,
  recordDuplicate,
  wasCancelledSince,
  wasRefused,
} from '../../src/database/deliveries.js';
import {
  listDueRedeliveries,
  recordFailedDeliveries,
  recordRedeliveryRequest,
} from '../../src/database/failed-deliveries.js';
import { readWatermarks, setWatermark } from '../../src/database/watermarks.js';
import type { Trigger } from '../../src/task/task.js';
import { labelTrigger } from '../support/label-trigger.js';
import { openMigratedDatabase } from './test-runs.js';

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

const noon = '2026-01-01T12:00:00Z';
const secondsLater = (seconds: number) => new Date(Date.parse(noon) + seconds * 1000).toISOString();

async function deliver(fields: Record<string, unknown>, result?: string): Promise<Trigger> {
  const trigger = { ...labelTrigger(number), at: noon, ...fields } as unknown as Trigger;
  await recordDelivery(pool, 'test', trigger);
  if (result) await recordDeliveryResult(pool, trigger.deliveryId, result);
  return trigger;
}

test('a delivery is recorded once, however often it arrives', async () => {
  const trigger = labelTrigger(number);
  expect(await recordDelivery(pool, 'issues', trigger)).toBe(true);
  expect(await recordDelivery(pool, 'issues', trigger)).toBe(false);
});

test('a second delivery of the same comment is a duplicate, and one of another comment is not', async () => {
  const comment = { kind: 'command', commentId: 5, instructions: '' };
  const first = await deliver(comment);
  const again = { ...first, deliveryId: randomUUID() };
  expect(await findDuplicate(pool, again)).toBe(first.deliveryId);
  expect(await findDuplicate(pool, { ...again, commentId: 6 } as Trigger)).toBeNull();
  await recordDelivery(pool, 'test', again);
  await recordDuplicate(pool, again.deliveryId, first.deliveryId);
  expect(await findDuplicate(pool, first)).toBeNull();
});

test('a label that was found on the issue duplicates a label event from about the same time', async () => {
  const delivered = await deliver({ label: 'Backend' });
  const found = { ...delivered, deliveryId: `missed-${number}`, at: secondsLater(10) } as Trigger;
  expect(await findDuplicate(pool, found)).toBe(delivered.deliveryId);
  expect(await findDuplicate(pool, { ...found, at: secondsLater(11) })).toBeNull();
  expect(await findDuplicate(pool, { ...found, deliveryId: randomUUID() })).toBeNull();
});

test('a person hears the same refusal again after an hour, and a program never', async () => {
  const refused = await deliver({}, 'refused: no');
  const next: Trigger = { ...refused, deliveryId: randomUUID() };
  expect(await wasRefused(pool, next, 'no')).toBe(true);
  expect(await wasRefused(pool, next, 'other')).toBe(false);
  await pool.query(
    "update pullwright.deliveries set received_at = now() - interval '61 minutes' where id = $1",
    [refused.deliveryId],
  );
  expect(await wasRefused(pool, next, 'no')).toBe(false);
  expect(await wasRefused(pool, { ...next, sender: { ...next.sender, type: 'Bot' } }, 'no')).toBe(true);
});

test('a label event is known when a delivery reported it or a later one', async () => {
  await deliver({ label: 'backend' });
  const isKnown = (at: string) => isLabelKnown(pool, { repositoryId: 1, number }, 'Backend', at);
  expect(await isKnown(secondsLater(-60))).toBe(true);
  expect(await isKnown(secondsLater(10))).toBe(true);
  expect(await isKnown(secondsLater(11))).toBe(false);
});

test('the comments that deliveries reported are known', async () => {
  await deliver({ kind: 'answer', commentId: 700, instructions: '' });
  expect(await listKnownComments(pool, 1, [700, 701])).toEqual(new Set([700]));
});

test('a trigger is cancelled when its issue was closed or its own label removed after it', async () => {
  const trigger = await deliver({ label: 'backend' });
  expect(await wasCancelledSince(pool, trigger)).toBe(false);
  await deliver({
    kind: 'end',
    reason: 'closed',
    label: null,
    at: secondsLater(-11),
    deliveryId: randomUUID(),
  });
  await deliver({
    kind: 'end',
    reason: 'label',
    label: 'other',
    at: secondsLater(5),
    deliveryId: randomUUID(),
  });
  expect(await wasCancelledSince(pool, trigger)).toBe(false);
  await deliver({ kind: 'end', reason: 'label', label: 'Backend', at: noon, deliveryId: randomUUID() });
  expect(await wasCancelledSince(pool, trigger)).toBe(true);
  const command = { ...trigger, kind: 'command', at: secondsLater(60) } as unknown as Trigger;
  expect(await wasCancelledSince(pool, command)).toBe(false);
  await deliver({
    kind: 'end',
    reason: 'closed',
    label: null,
    at: secondsLater(61),
    deliveryId: randomUUID(),
  });
  expect(await wasCancelledSince(pool, command)).toBe(true);
});

test('a stop by a person reaches runs that were requested before it', async () => {
  const trigger = await deliver({});
  const run = { trigger, issueNumber: number };
  const stop = { kind: 'control', control: 'stop', instructions: '', commentId: 1, deliveryId: randomUUID() };
  await deliver({ ...stop, at: secondsLater(-1) }, 'stopped 1');
  expect(await findStopSince(pool, run)).toBeNull();
  await deliver({ ...stop, at: secondsLater(1), deliveryId: randomUUID() }, 'stopped 1');
  expect(await findStopSince(pool, run)).toBe('ann');
});

test('a failed delivery is requested again only after it failed again and its waiting time is over', async () => {
  const guid = randomUUID();
  const dueAttempts = async () =>
    (await listDueRedeliveries(pool, 100)).filter((due) => due.guid === guid).map(({ attempt }) => attempt);
  await recordFailedDeliveries(pool, [{ guid, id: 10, failedAt: new Date() }]);
  expect(await dueAttempts()).toEqual([10]);
  await recordRedeliveryRequest(pool, guid, 10, 0);
  expect(await dueAttempts()).toEqual([]);
  await recordFailedDeliveries(pool, [{ guid, id: 9, failedAt: new Date() }]);
  expect(await dueAttempts()).toEqual([]);
  await recordFailedDeliveries(pool, [{ guid, id: 11, failedAt: new Date() }]);
  expect(await dueAttempts()).toEqual([11]);
  await recordRedeliveryRequest(pool, guid, 11, 60_000);
  await recordFailedDeliveries(pool, [{ guid, id: 12, failedAt: new Date() }]);
  expect(await dueAttempts()).toEqual([]);
});

test('a failed delivery that arrived after all is not requested again', async () => {
  const guid = randomUUID();
  await recordFailedDeliveries(pool, [{ guid, id: 20, failedAt: new Date() }]);
  await deliver({ deliveryId: guid });
  expect((await listDueRedeliveries(pool, 100)).map((due) => due.guid)).not.toContain(guid);
});

test('a watermark that was never set is absent', async () => {
  await setWatermark(pool, 'set', new Date(0));
  await setWatermark(pool, 'set', new Date(1000));
  expect(await readWatermarks(pool, ['set', 'never'])).toEqual(new Map([['set', new Date(1000)]]));
});
