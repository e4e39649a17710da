import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { verify } from '@octokit/webhooks-methods';
import { createTemporaryFolder } from '../test/support/temporary-folder.js';
import { type LocalGitHub, startLocalGitHub } from './start-local-github.js';

const shop = { owner: 'acme', repo: 'shop' };
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let github: LocalGitHub;
let receiver: Server;
let received: { event: string; action: string; signed: boolean }[];

beforeEach(async () => {
  folder = await createTemporaryFolder();
  received = [];
  receiver = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const signed = await verify('secret', body, String(request.headers['x-hub-signature-256']));
    received.push({
      event: String(request.headers['x-github-event']),
      action: JSON.parse(body).action,
      signed,
    });
    response.end('ok');
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  github = await startLocalGitHub({
    folder: path.join(folder.path, 'github'),
    webhook: { url, secret: 'secret' },
  });
  github.addUser('alice');
  await github.createRepository('acme/shop', { private: true, files: { 'a.txt': 'one\n' } });
  github.setRole('acme/shop', 'alice', 'maintain');
});

afterEach(async () => {
  await github.stop();
  receiver.close();
  await folder.remove();
});

test('a label is delivered, signed, and a redelivery keeps its guid', async () => {
  const number = await github.openIssue('acme/shop', { title: 'Bug', body: 'Fix it', author: 'alice' });
  const delivery = await github.label('acme/shop', number, 'backend', 'alice');
  expect(delivery).toMatchObject({ event: 'issues', action: 'labeled', statusCode: 200 });
  const again = await github.redeliver(delivery?.id ?? 0);
  expect(again).toMatchObject({ guid: delivery?.guid, redelivery: true });
  expect(received.map(({ action }) => action)).toEqual(['opened', 'labeled', 'labeled']);
  expect(received.every(({ signed }) => signed)).toBe(true);
  expect(github.violations).toEqual([]);
});

test('an App pushes a branch, opens one pull request for it, and is refused a second', async () => {
  const { token, octokit } = await mintToken({ contents: 'write', pull_requests: 'write' });
  const clone = path.join(folder.path, 'clone');
  expect(await git(token, folder.path, 'clone', `${github.url}/acme/shop.git`, clone)).toMatchObject({
    code: 0,
  });
  await writeFile(path.join(clone, 'a.txt'), 'two\n');
  await git(token, clone, 'commit', '-am', 'Say two');
  expect(await git(token, clone, 'push', 'origin', 'HEAD:refs/heads/fix')).toMatchObject({ code: 0 });
  const wanted = { ...shop, title: 'Say two', head: 'fix', base: 'main', draft: true };
  const { data } = await octokit.rest.pulls.create(wanted);
  await expect(octokit.rest.pulls.create(wanted)).rejects.toThrow(
    'A pull request already exists for acme:fix.',
  );
  await octokit.graphql(
    'mutation($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } } }',
    { id: data.node_id },
  );
  expect(github.pullRequests('acme/shop')).toMatchObject([
    { number: data.number, pull: { head: 'fix', draft: false } },
  ]);
  expect(await github.readFile('acme/shop', 'fix', 'a.txt')).toBe('two\n');
  await github.deliveries.settle();
  expect(github.violations).toEqual([]);
});

test('a token gets no further than its repositories and permissions', async () => {
  await github.createRepository('acme/secret', { private: true });
  const { token, octokit } = await mintToken({ contents: 'read', issues: 'read' });
  await expect(octokit.rest.repos.get({ owner: 'acme', repo: 'secret' })).rejects.toMatchObject({
    status: 404,
  });
  await expect(
    octokit.rest.pulls.create({ ...shop, title: 'x', head: 'x', base: 'main' }),
  ).rejects.toMatchObject({ status: 403 });
  const push = await git(
    token,
    folder.path,
    `--git-dir=${github.state.repository('acme/shop').folder}`,
    'push',
    `${github.url}/acme/shop.git`,
    'main:refs/heads/new',
  );
  expect(push).toMatchObject({
    code: 128,
    text: expect.stringContaining('Write access to repository not granted'),
  });
  github.tokens.expireAll();
  await expect(octokit.rest.repos.get(shop)).rejects.toMatchObject({ status: 401 });
});

test('a request that GitHub would refuse is a violation', async () => {
  const { octokit } = await mintToken({ checks: 'write' });
  const request = { ...shop, name: 'x', head_sha: '0'.repeat(40), status: 'finished' as 'completed' };
  await expect(octokit.rest.checks.create(request)).rejects.toMatchObject({ status: 422 });
  expect(github.violations).toHaveLength(1);
});

test('a fault after the effect loses only the answer', async () => {
  const number = await github.openIssue('acme/shop', { title: 'Bug', author: 'alice' });
  const { octokit } = await mintToken({ issues: 'write' });
  github.failNext({ method: 'POST', path: /comments$/, status: 502, afterEffect: true });
  await expect(
    octokit.rest.issues.createComment({ ...shop, issue_number: number, body: 'Hello' }),
  ).rejects.toMatchObject({ status: 502 });
  expect(github.botComments('acme/shop', number)).toMatchObject([{ body: 'Hello' }]);
});

async function mintToken(permissions: Record<string, string>): Promise<{ token: string; octokit: Octokit }> {
  const baseUrl = `${github.url}/api/v3`;
  const auth = { appId: github.appId, privateKey: github.privateKey };
  const app = new Octokit({ baseUrl, authStrategy: createAppAuth, auth, log: quiet });
  const { data: installation } = await app.rest.apps.getRepoInstallation(shop);
  const { data } = await app.rest.apps.createInstallationAccessToken({
    installation_id: installation.id,
    repository_ids: [github.state.repository('acme/shop').id],
    permissions,
  });
  return { token: data.token, octokit: new Octokit({ baseUrl, auth: data.token, log: quiet }) };
}

function git(token: string, cwd: string, ...args: string[]): Promise<{ code: number | null; text: string }> {
  const header = `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
  const identity = ['-c', 'user.name=Bot', '-c', 'user.email=bot@example.com'];
  const child = spawn('git', [...identity, ...args], {
    cwd,
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.extraHeader',
      GIT_CONFIG_VALUE_0: header,
    },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, text })));
}
