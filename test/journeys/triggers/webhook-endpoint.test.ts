import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minimalProject, solveMinimalProject } from '../../support/sample-projects.js';
import { webhookSecret } from '../../support/start-app.js';
import { waitFor } from '../../support/wait-for.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

const sign = (body: string | Buffer) =>
  `sha256=${createHmac('sha256', webhookSecret).update(body).digest('hex')}`;

/** @returns the status; 0 when the connection was ended without an answer */
const post = (body: string | Buffer, headers: Record<string, string>) =>
  new Promise<number>((resolve) => {
    const sent = request(
      world.app.webhookUrl,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-github-event': 'issues',
          'x-github-delivery': randomUUID(),
          ...headers,
        },
      },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    );
    sent.setTimeout(20_000, () => sent.destroy(new Error('no answer')));
    sent.on('error', () => resolve(0));
    sent.end(body);
  });

const runsOf = (name: string) =>
  world.database.query('select id from pullwright.runs where repository = $1', [name]);

describe('a delivery', () => {
  test('with one changed byte in its body or signature is rejected', async () => {
    const { name, number } = await world.prepareIssue({ files: minimalProject });
    // Of a label that is nobody's: it is delivered, and nothing comes of it.
    await world.github.label(name, number, 'question', 'ada');
    const payload = world.github.deliveries.all.at(-1)?.request.payload;
    const body = JSON.stringify(payload);
    const right = sign(body);
    const other = right.endsWith('0') ? '1' : '0';
    expect(await post(body.replace('labeled', 'labelee'), { 'x-hub-signature-256': right })).toBe(401);
    expect(await post(`${body} `, { 'x-hub-signature-256': right })).toBe(401);
    expect(await post(body, { 'x-hub-signature-256': right.slice(0, -1) + other })).toBe(401);
    const old = `sha1=${createHmac('sha1', webhookSecret).update(body).digest('hex')}`;
    expect(await post(body, { 'x-hub-signature': old })).toBe(401);
    expect(await runsOf(name)).toEqual([]);
  });

  test('that is repeated long after its run has settled starts no second run', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const asked = await world.label({ name, number });
    const run = await asked.run();
    expect((await run.settled()).outcome.kind).toBe('pull-request');
    for (let times = 0; times < 3; times++)
      expect((await github.redeliver(asked.delivery.id))?.statusCode).toBe(200);
    await run.settled();
    expect(await runsOf(name)).toHaveLength(1);
    expect(github.botComments(name, number)).toHaveLength(2);
    expect(github.pullRequests(name)).toHaveLength(1);
  });

  test('of a label that arrives after that of its removal requests nothing', async () => {
    const { github, database } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject });
    await github.label(name, number, 'question', 'ada');
    const payload = structuredClone(github.deliveries.all.at(-1)?.request.payload) as {
      issue: { updated_at: string };
      label: { name: string };
    };
    payload.label.name = 'backend';
    payload.issue.updated_at = new Date(Date.now() - 120_000).toISOString();
    const body = JSON.stringify(payload);
    const id = randomUUID();
    expect(await post(body, { 'x-hub-signature-256': sign(body), 'x-github-delivery': id })).toBe(200);
    const result = await waitFor('the late label to be answered', world, async () => {
      const sql = 'select result from pullwright.deliveries where id = $1';
      return (await database.query<{ result: string | null }>(sql, [id]))[0]?.result;
    });
    expect(result).toBe('ignored');
    expect(await runsOf(name)).toEqual([]);
  });

  test('that is deeply nested or no JSON object is rejected or ignored, and the app keeps running', async () => {
    const bodies = [
      `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`,
      `{"a":${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}}`,
      '{"action":"labeled"',
      'null',
      '"labeled"',
      '{"action":"labeled","label":{"name":"backend"},"issue":{"__proto__":{"number":1}}}',
      '',
    ];
    for (const body of bodies)
      expect([body.slice(0, 60), await post(body, { 'x-hub-signature-256': sign(body) })]).not.toEqual([
        body.slice(0, 60),
        0,
      ]);
    expect(world.app.process.exitCode).toBeNull();
    const body = JSON.stringify({ action: 'pinned', installation: { id: 1 } });
    expect(await post(body, { 'x-hub-signature-256': sign(body) })).toBe(200);
  });
});

test('with a large unsigned body costs little memory and little log', async () => {
  const memory = async () =>
    Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${world.app.process.pid}/status`, 'utf8'))?.[1]) /
    1024;
  const before = { memory: await memory(), log: world.app.log.join('').length };
  const body = Buffer.alloc(20 * 1024 * 1024, 'x');
  const wrong = { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` };
  for (let round = 0; round < 3; round++)
    for (const status of await Promise.all(Array.from({ length: 8 }, () => post(body, wrong))))
      expect([0, 401, 503]).toContain(status);
  expect(world.app.log.join('').length - before.log).toBeLessThan(20_000);
  // 480 MB were sent; what is held at once is bounded by 100 MB, and by what of it is not collected yet.
  expect((await memory()) - before.memory).toBeLessThan(400);
});
