import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createNodeMiddleware, createProbot } from 'probot';
import { type RunningCli, readSettings, startCli } from './run-cli.js';

const program = 'local-github/cli/cli.ts';
const manifest = `name: Greeter
default_permissions:
  issues: write
  metadata: read
default_events:
  - issues
`;
const seed = `people: [bob]
repositories:
  acme/shop:
    from: shop
    roles: { ada: maintain }
    issues:
      - { title: The total is wrong, body: It ignores the quantity., author: ada, labels: [bug] }
`;

let folder: string;
let cli: RunningCli | null = null;
let server: Server;
/** Request handler of the App. It responds with 503 until the App is connected. */
let app: RequestListener = (_, response) => response.writeHead(503).end();

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'local-github-cli-'));
  await writeFile(path.join(folder, 'app.yml'), manifest);
  await mkdir(path.join(folder, 'seed', 'shop'), { recursive: true });
  await writeFile(path.join(folder, 'seed', 'seed.yml'), seed);
  await writeFile(path.join(folder, 'seed', 'shop', 'README.md'), '# Shop\n');
  server = createServer((request, response) => app(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  cli?.process.kill('SIGKILL');
  await cli?.exited;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

test('started by its CLI, it takes a person’s actions and delivers them to a Probot App that answers', async () => {
  const webhookUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/github/webhooks`;
  const settingsFile = path.join(folder, 'app.env');
  cli = startCli(program, [
    ...['--app-manifest', path.join(folder, 'app.yml'), '--seed', path.join(folder, 'seed')],
    ...['--webhook-url', webhookUrl, '--settings-file', settingsFile],
  ]);
  await cli.printed('Press Ctrl-C to stop.');
  const settings = await readSettings(settingsFile);
  for (const file of [settingsFile, settings.PRIVATE_KEY_PATH ?? ''])
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  await connectApp(settings);

  const control = async (action: string, input: object) => {
    const answer = await fetch(`http://${settings.GHE_HOST}/_control/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const labeled = await control('label', { repository: 'acme/shop', number: 1, label: 'greet', as: 'ada' });
  expect(labeled).toMatchObject({
    status: 200,
    body: { delivery: { event: 'issues', action: 'labeled', statusCode: 200 } },
  });
  const page = await fetch(`http://${settings.GHE_HOST}/acme/shop/issues/1`);
  expect(await page.text()).toContain('Hello @ada, I saw The total is wrong.');
  const violations = await fetch(`http://${settings.GHE_HOST}/_control/violations`);
  expect(await violations.json()).toEqual([]);

  await cli.printed('delivery issues.labeled');
  cli.process.kill('SIGTERM');
  expect(await cli.exited).toBe(0);
  expect(existsSync(settings.PRIVATE_KEY_PATH ?? '')).toBe(false);
});

test('a wrong option ends it with 64 and one line', async () => {
  cli = startCli(program, ['--port', 'x']);
  expect(await cli.exited).toBe(64);
  expect(cli.output()).toBe('local-github: --port: expected a number up to 65535; found "x"\n');
});

test('a folder that is not empty ends it with 1 and one line', async () => {
  cli = startCli(program, ['--folder', folder]);
  expect(await cli.exited).toBe(1);
  expect(cli.output()).toBe(`local-github: --folder: expected an empty folder; found ${folder}\n`);
});

/** Connects a Probot App with only the settings that the local GitHub wrote. */
async function connectApp(settings: Record<string, string>): Promise<void> {
  const probot = createProbot({ env: { ...settings, LOG_LEVEL: 'fatal' } });
  const middleware = await createNodeMiddleware(
    (bot) => {
      bot.on('issues.labeled', async (context) => {
        const { issue, sender } = context.payload;
        const body = `Hello @${sender.login}, I saw ${issue.title}.`;
        await context.octokit.rest.issues.createComment(context.issue({ body }));
      });
    },
    { probot, webhooksPath: '/api/github/webhooks' },
  );
  app = (request, response) => void middleware(request, response);
}
