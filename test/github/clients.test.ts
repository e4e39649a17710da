import { afterEach, expect, test } from '@jest/globals';
import pino from 'pino';
import { createClients } from '../../src/github/clients.js';
import { type StubServer, startStubServer } from '../model/stub-server.js';

const servers: StubServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(answer: Parameters<typeof startStubServer>[0]): Promise<StubServer> {
  const server = await startStubServer(answer);
  servers.push(server);
  return server;
}

/** Writes a comment through a server. */
function comment({ url }: StubServer) {
  const clientOf = createClients({
    apiUrl: url,
    log: pino({ enabled: false }),
    beforeRequest: async () => {},
    holdsSecret: () => false,
  });
  return clientOf('token-1').rest.issues.createComment({
    ...{ owner: 'acme', repo: 'shop', issue_number: 1 },
    body: 'hello',
  });
}

test('a write to a renamed repository is repeated as it was', async () => {
  const server = await start((response, { path }) => {
    if (path.startsWith('/repos/'))
      response.writeHead(307, { location: `/repositories/7/issues/1/comments` }).end();
    else response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":5}');
  });
  expect((await comment(server)).data.id).toBe(5);
  expect(server.requests.map(({ method, path, body }) => [method, path, body])).toEqual([
    ['POST', '/repos/acme/shop/issues/1/comments', { body: 'hello' }],
    ['POST', '/repositories/7/issues/1/comments', { body: 'hello' }],
  ]);
});

test.each([301, 302, 303, 307, 308])(
  'a write that is redirected (%d) to another host fails, and the host gets nothing',
  async (status) => {
    const other = await start((response) => void response.writeHead(201).end());
    const server = await start((response) => {
      response.writeHead(status, { location: `${other.url}/repositories/7` }).end();
    });
    await expect(comment(server)).rejects.toThrow(`unexpected redirect (${status})`);
    expect(other.requests).toEqual([]);
  },
);

test('a second redirect fails', async () => {
  const server = await start((response) => void response.writeHead(307, { location: '/again' }).end());
  await expect(comment(server)).rejects.toThrow('unexpected redirect (307)');
  expect(server.requests).toHaveLength(2);
});
