import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { verify } from '@octokit/webhooks-methods';
import { type LocalGitHub, startLocalGitHub } from '../local-github.js';

export interface ReceivedDelivery {
  event: string;
  action: string;
  /** Whether the signature matches the body. */
  signed: boolean;
}

export interface TestGitHub {
  github: LocalGitHub;
  /** A temporary folder for the test. */
  folder: string;
  /** Every delivery so far, oldest first. */
  received: ReceivedDelivery[];
  stop(): Promise<void>;
}

/** The private repository that `startTestGitHub` creates. Its maintainer is `alice`. */
export const shop = { owner: 'acme', repo: 'shop' };
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export async function startTestGitHub(): Promise<TestGitHub> {
  const folder = await mkdtemp(path.join(tmpdir(), 'local-github-test-'));
  const receiver = await startReceiver();
  const github = await startLocalGitHub({
    folder: path.join(folder, 'github'),
    appManifest: {
      name: 'Test App',
      default_permissions: {
        checks: 'write',
        contents: 'write',
        issues: 'write',
        metadata: 'read',
        pull_requests: 'write',
      },
      default_events: ['issues', 'issue_comment', 'pull_request'],
    },
    webhook: { url: receiver.url, secret: receiver.secret },
  });
  github.addUser('alice');
  await github.createRepository('acme/shop', { private: true, files: { 'a.txt': 'one\n' } });
  github.setRole('acme/shop', 'alice', 'maintain');
  return {
    github,
    folder,
    received: receiver.received,
    stop: async () => {
      await github.stop();
      await receiver.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface Receiver {
  url: string;
  secret: string;
  received: ReceivedDelivery[];
  stop(): Promise<void>;
}

/** Starts a server that receives webhook deliveries and checks their signatures. */
export async function startReceiver(): Promise<Receiver> {
  const secret = 'secret';
  const received: ReceivedDelivery[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push({
      event: String(request.headers['x-github-event']),
      action: JSON.parse(body).action,
      signed: await verify(secret, body, String(request.headers['x-hub-signature-256'])),
    });
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    secret,
    received,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Mints an installation token for the repository `acme/shop`. */
export async function mintToken(
  github: LocalGitHub,
  permissions: Record<string, string>,
): Promise<{ token: string; octokit: Octokit }> {
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

/** Runs git with a token and without the git settings of the machine. */
export function git(
  token: string,
  cwd: string,
  ...args: string[]
): Promise<{ code: number | null; text: string }> {
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
