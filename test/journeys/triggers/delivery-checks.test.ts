import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minimalProject, solveMinimalProject } from '../../support/sample-projects.js';
import { startApp, webhookSecret } from '../../support/start-app.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

const runsOf = (name: string) =>
  world.database.query('select id from pullwright.runs where repository = $1', [name]);
describe('deliveries', () => {
  test('the same delivery, several times at once, starts one run', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const asked = await world.label({ name, number });
    const again = await Promise.all([1, 2, 3].map(() => github.redeliver(asked.delivery.id)));
    expect(again.map((one) => one?.statusCode)).toEqual([200, 200, 200]);
    await asked.settled();
    expect(await runsOf(name)).toHaveLength(1);
    expect(github.botComments(name, number)).toHaveLength(2);
    expect(github.pullRequests(name)).toHaveLength(1);
  });

  test('a delivery that could not be stored gets no 2xx, and works when it is redelivered', async () => {
    const { github, database } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    await database.takeAway();
    const asked = await world.label({ name, number });
    expect(asked.delivery.statusCode).toBeGreaterThanOrEqual(500);
    await database.bringBack();
    const again = await github.redeliver(asked.delivery.id);
    expect(again?.statusCode).toBe(200);
    expect((await asked.settled()).outcome.kind).toBe('pull-request');
  });

  test('a second trigger during a run is refused with the reason', async () => {
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const { run, release } = await world.labelAndHold(issue);
    const second = await world.comment(issue, '/implement');
    expect(await second.answered()).toMatch(/^refused: A run for this issue is in progress/);
    release();
    expect((await run.settled()).outcome.kind).toBe('pull-request');
    expect(await runsOf(issue.name)).toHaveLength(1);
  });

  test('two issues of one repository are handled concurrently, each with its own pull request', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: solveMinimalProject,
    });
    const other = await github.openIssue(name, { title: `Other ${title}`, body: 'More.', author: 'ada' });
    const asked = await Promise.all([number, other].map((one) => world.label({ name, number: one })));
    const both = await Promise.all(asked.map((one) => one.settled()));
    expect(both.map(({ outcome }) => outcome.kind)).toEqual(['pull-request', 'pull-request']);
    expect(
      github
        .pullRequests(name)
        .map(({ pull }) => pull.head)
        .sort(),
    ).toEqual([`pullwright/issue-${number}`, `pullwright/issue-${other}`]);
    expect(model.violations).toEqual([]);
  });
});

describe('the webhook endpoint and the start', () => {
  const post = (body: string | Buffer, headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const sent = request(
        world.app.webhookUrl,
        { method: 'POST', headers: { 'x-github-event': 'issues', 'x-github-delivery': 'x', ...headers } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      );
      // A refused body is not read to its end: the answer is there before all of it is sent.
      sent.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
      });
      sent.end(body);
    });
  const sign = (body: string, secret: string) => ({
    'content-type': 'application/json',
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  });

  test('a delivery with a wrong signature or none is rejected', async () => {
    const body = JSON.stringify({ action: 'labeled' });
    const statuses = await Promise.all([
      post(body, {}),
      post(body, sign(body, 'development')),
      post(body, sign(`${body} `, webhookSecret)),
      post(body, { 'x-hub-signature-256': 'sha256=abc' }),
    ]);
    expect(statuses).toEqual([401, 401, 401, 401]);
  });

  test("a body above GitHub's limit is rejected unread", async () => {
    const headers = { ...sign('', webhookSecret), 'content-length': String(26 * 1024 * 1024) };
    expect(await post(Buffer.alloc(64 * 1024), headers)).toBe(413);
  });

  test('a signed delivery that requests nothing is accepted', async () => {
    const body = JSON.stringify({ action: 'pinned', installation: { id: 1 } });
    expect(await post(body, sign(body, webhookSecret))).toBe(200);
  });

  test('missing settings and well-known secrets prevent the start, with one line each', async () => {
    const started = startApp({ WEBHOOK_SECRET: 'development', PRIVATE_KEY: 'none', APP_ID: 'mine' });
    await expect(started).rejects.toThrow(
      /^the app ended with exit code 78:\npullwright: APP_ID: expected .*; found "mine"\npullwright: WEBHOOK_SECRET: expected .*\npullwright: ANTHROPIC_API_KEY: expected .*; neither is set\npullwright: PRIVATE_KEY: expected .*$/,
    );
  });

  test('a port in use prevents the start, with one line', async () => {
    await expect(world.startSecond({ PORT: String(world.app.port) })).rejects.toThrow(
      new RegExp(
        `exit code 78:[\\s\\S]*\\npullwright: PORT: expected .*; ${world.app.port} on 127.0.0.1 is in use`,
      ),
    );
  });
});
