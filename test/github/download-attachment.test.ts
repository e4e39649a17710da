import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type LocalGitHub, startLocalGitHub } from '../../local-github/local-github.js';
import { downloadAttachment } from '../../src/github/download-attachment.js';
import { createGitHub, type GitHub } from '../../src/github/github.js';
import { createLog } from '../../src/log.js';
import type { Repository } from '../../src/task/task.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const uuid = '3f2b1c4d-0000-4aaa-8bbb-123456789abc';
const bytes = Buffer.from('the bytes of an image');
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let github: LocalGitHub;
let client: GitHub;
let repository: Repository;
const servers: Server[] = [];

beforeAll(async () => {
  folder = await createTemporaryFolder();
  github = await startLocalGitHub({ folder: path.join(folder.path, 'github') });
  const shop = await github.createRepository('acme/shop', { private: true });
  await github.createRepository('acme/other', { private: true });
  client = createGitHub({
    appId: github.appId,
    privateKey: github.privateKey,
    apiUrl: `${github.url}/api/v3`,
    webUrl: github.url,
    log: createLog('fatal', []),
    now: () => new Date(),
    beforeRequest: async () => {},
    holdsSecret: () => false,
  });
  repository = {
    id: shop.id,
    owner: 'acme',
    name: 'shop',
    defaultBranch: 'main',
    private: true,
    installationId: github.state.installationFor(shop).id,
  };
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

afterAll(async () => {
  expect(github.violations).toEqual([]);
  await github.stop();
  await folder.remove();
});

async function listen(listener: RequestListener): Promise<{ port: number; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, requests };
}

/** Downloads an attachment from a server that is not the local GitHub. */
async function downloadFrom(
  listener: RequestListener,
  limits: { timeoutMs?: number; maxBytes?: number } = {},
) {
  const { port, requests } = await listen(listener);
  const webUrl = `http://127.0.0.1:${port}`;
  const scope = { webUrl, repository: { owner: 'acme', name: 'shop' } };
  const options = {
    ...scope,
    token: 'a-token',
    beforeRequest: async () => {},
    render: async () => null,
    ...limits,
  };
  const result = await downloadAttachment(`${webUrl}/user-attachments/assets/${uuid}`, options);
  return { result, requests };
}

describe('an attachment of a private repository', () => {
  test('is read with a token for this repository, which the storage does not get', async () => {
    const address = github.addAttachment('acme/shop', bytes);
    // The local GitHub reports a violation if its storage gets a credential.
    expect(await client.downloadAttachment(repository, address)).toEqual({ bytes });
  });

  test('of another repository of the same installation is not read', async () => {
    const address = github.addAttachment('acme/other', bytes);
    expect(await client.downloadAttachment(repository, address)).toEqual({
      fault: 'not found, or the App may not read it (404)',
    });
  });

  test('is read at its signed address if GitHub does not accept the token', async () => {
    const address = github.addAttachment('acme/shop', bytes);
    const { pathname } = new URL(address);
    github.failNext({ path: pathname, status: 404 });
    const before = github.requests.length;
    expect(await client.downloadAttachment(repository, address)).toEqual({ bytes });
    expect(github.requests.slice(before)).toMatchObject([
      { path: pathname },
      { path: '/markdown', body: { text: `![image](${address})`, mode: 'gfm', context: 'acme/shop' } },
    ]);
  });

  test('is not read if GitHub does not show it either, or cannot say how', async () => {
    const address = github.addAttachment('acme/shop', bytes);
    const notFound = { fault: 'not found, or the App may not read it (404)' };
    const missing = address.replace(/[^/]+$/, uuid);
    expect(await client.downloadAttachment(repository, missing)).toEqual(notFound);
    const { pathname } = new URL(address);
    for (const body of [
      '',
      '<img src="https://evil.example/x.png">',
      `<img src="https://evil.example${pathname}">`,
    ]) {
      github.failNext({ path: pathname, status: 404 });
      github.failNext({ operation: 'markdown/render', status: 200, body });
      expect(await client.downloadAttachment(repository, address)).toEqual(notFound);
    }
    github.failNext({ path: pathname, status: 404 });
    github.failNext({ operation: 'markdown/render', status: 403 });
    expect(await client.downloadAttachment(repository, address)).toEqual(notFound);
  });

  test.each([
    ['429', { status: 429 }],
    ['502', { status: 502 }],
    ['a rate limit', { status: 403, headers: { 'retry-after': '30' } }],
  ])('lets the step wait if GitHub answers its signed address with %s', async (_, fault) => {
    const address = github.addAttachment('acme/shop', bytes);
    github.failNext({ path: new URL(address).pathname, status: 404 });
    github.failNext({ operation: 'markdown/render', ...fault });
    await expect(client.downloadAttachment(repository, address)).rejects.toMatchObject({
      name: 'RetryLater',
    });
    expect(await client.downloadAttachment(repository, address)).toEqual({ bytes });
  });

  test('is read with a new token if GitHub does not accept the first one any more', async () => {
    const address = github.addAttachment('acme/shop', bytes);
    const tokens = () => github.requests.filter(({ path: place }) => place.endsWith('/access_tokens'));
    github.failNext({ path: new URL(address).pathname, status: 404 });
    github.failNext({ operation: 'markdown/render', status: 401 });
    const before = tokens().length;
    expect(await client.downloadAttachment(repository, address)).toEqual({ bytes });
    expect(tokens()).toHaveLength(before + 1);
  });

  test('is read at the second attempt if GitHub fails once', async () => {
    const address = github.addAttachment('acme/shop', bytes);
    const { pathname } = new URL(address);
    github.failNext({ path: pathname, status: 502 });
    expect(await client.downloadAttachment(repository, address)).toEqual({ bytes });
    github.failNext({ path: pathname, cut: true, times: 2 });
    expect(await client.downloadAttachment(repository, address)).toEqual({
      fault: expect.stringMatching(/^GitHub could not be reached/),
    });
  });

  test.each([
    ['the metadata service of a cloud', 'http://169.254.169.254/latest/meta-data/'],
    ['another name', 'http://localhost:PORT/image.png'],
    ['a user name', 'http://token@127.0.0.1:PORT/image.png'],
    ['another scheme', 'ftp://127.0.0.1:PORT/image.png'],
  ])('is not read if GitHub redirects to %s', async (_, target) => {
    const { port, requests } = await listen((_request, response) => response.end(bytes));
    const address = github.addAttachment('acme/shop', bytes);
    const location = target.replace('PORT', String(port));
    github.failNext({ path: new URL(address).pathname, status: 302, headers: { location } });
    expect(await client.downloadAttachment(repository, address)).toEqual({
      fault: 'redirected to a host that is not GitHub',
    });
    expect(requests).toEqual([]);
  });

  test('is not asked for if the address is not one of an attachment', async () => {
    const before = github.requests.length;
    expect(await client.downloadAttachment(repository, `${github.url}/acme/shop`)).toEqual({
      fault: 'not stored on GitHub',
    });
    expect(github.requests.slice(before).filter(({ method }) => method === 'GET')).toEqual([]);
  });
});

describe('a download', () => {
  test('sends the token along a redirect only to the same server', async () => {
    const storage = await listen((_request, response) => response.end(bytes));
    const { result, requests } = await downloadFrom((request, response) => {
      const location = request.url?.endsWith('renamed')
        ? `http://127.0.0.1:${storage.port}/file`
        : '/renamed';
      response.writeHead(302, { location }).end();
    });
    expect(result).toEqual({ bytes });
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['token a-token', 'token a-token']);
    expect(storage.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test('ends after too many redirects', async () => {
    const { result, requests } = await downloadFrom((_request, response) =>
      response.writeHead(302, { location: '/again' }).end(),
    );
    expect(result).toEqual({ fault: 'redirected too often' });
    expect(requests).toHaveLength(4);
  });

  test('ends as soon as the body is too large, whatever length it announces', async () => {
    let isClosed: Promise<unknown> = Promise.resolve();
    const { result } = await downloadFrom(
      (_request, response) => {
        isClosed = new Promise((resolve) => response.once('close', resolve));
        const write = () => {
          while (response.write(Buffer.alloc(16_384)));
          response.once('drain', write);
        };
        write();
      },
      { maxBytes: 1024 * 1024 },
    );
    expect(result).toEqual({ fault: 'larger than 1 MB' });
    await isClosed;
  });

  test('does not decompress a body', async () => {
    const zipped = gzipSync(Buffer.alloc(1_000_000));
    const { result } = await downloadFrom((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'image/png' }).end(zipped),
    );
    expect(result).toEqual({ bytes: zipped });
  });

  test('ends after a time limit', async () => {
    const { result } = await downloadFrom((_request, response) => void response.writeHead(200).write('x'), {
      timeoutMs: 100,
    });
    expect(result).toEqual({ fault: 'the download takes too long' });
  });
});
