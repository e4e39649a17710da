import { setTimeout as pause } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { refuseRedirect } from '../../../src/refuse-redirect.js';
import { openStream, type StubServer, sendError, startStubServer } from '../stub-server.js';
import { expectToolCall, open, requestOf, sendToolCall } from './tool-call.js';

const request = requestOf('sonnet');
const settings = { name: 'anthropic', apiKey: null, authToken: 'gateway-token-1' } as const;

let server: StubServer;
beforeEach(async () => {
  server = await startStubServer((response, { headers }) => {
    const isKnown = headers.authorization === 'Bearer gateway-token-1' || headers['x-api-key'] === 'key-1';
    if (isKnown) sendToolCall(response);
    else sendError(response, 401, { message: 'no' });
  });
});
afterEach(() => server.stop());

test('a gateway gets the bearer token and the custom headers below its path', async () => {
  const headers = { 'X-Team': 'blue', 'cf-aig-authorization': 'Bearer cf-1' };
  const { client } = await open({ ...settings, baseUrl: `${server.url}/v1/acme/anthropic`, headers });
  const reply = await client.ask(request);
  expectToolCall(reply);
  expect(reply.dollars).toBeCloseTo((1000 * 2 + 200 * 2.5 + 30_000 * 0.1 + 50 * 10) / 1e6, 9);
  const [sent] = server.requests;
  expect(sent?.path).toBe('/v1/acme/anthropic/v1/messages');
  expect(sent?.headers).toMatchObject({ 'x-team': 'blue', 'cf-aig-authorization': 'Bearer cf-1' });
  expect(sent?.headers['x-api-key']).toBeUndefined();
  expect(sent?.body).toMatchObject({ model: 'claude-sonnet-5-5', stream: true });
});

test('a gateway gets a key in both headers in which gateways look for it', async () => {
  const { client } = await open({
    ...{ ...settings, apiKey: 'key-1', authToken: null },
    baseUrl: server.url,
    headers: { 'X-Team': 'blue' },
  });
  expectToolCall(await client.ask(request));
  expect(server.requests[0]?.headers).toMatchObject({
    ...{ 'x-api-key': 'key-1', authorization: 'Bearer key-1', 'x-team': 'blue' },
  });
});

test('a token that the gateway does not accept lets all runs wait for the operator', async () => {
  const { client } = await open({ ...settings, authToken: 'another', baseUrl: server.url, headers: {} });
  await expect(client.ask(request)).rejects.toMatchObject({
    reason: "the model's API does not accept this server's token (401)",
    apiMessage: 'no (check ANTHROPIC_AUTH_TOKEN)',
  });
});

test('a redirect is not followed, so no other server gets the prompt or a credential', async () => {
  const other = await startStubServer((response) => sendToolCall(response));
  const gateway = await startStubServer((response, { path }) => {
    response.writeHead(307, { location: `${other.url}${path}` }).end();
  });
  try {
    const { client } = await open({
      ...{ ...settings, apiKey: 'key-1', authToken: null },
      ...{ baseUrl: gateway.url, headers: { 'X-Gateway-Key': 'secret-1' } },
    });
    const refused = {
      ...{ name: 'RetryLater', isUnlimited: true },
      reason: "the model's API redirects requests",
      apiMessage:
        'Pullwright follows no redirect of the API, because it could lead to another server (check its base URL)',
    };
    const error = await client.ask(request).catch((caught: unknown) => caught);
    expect(error).toMatchObject(refused);
    expect(error).not.toHaveProperty('usage');
    await expect(client.probe(request.model, new AbortController().signal)).rejects.toMatchObject(refused);
    expect(gateway.requests).toHaveLength(2);
    expect(other.requests).toEqual([]);
  } finally {
    await gateway.stop();
    await other.stop();
  }
});

test('a reply that falls silent is abandoned also after a garbage collection', async () => {
  v8.setFlagsFromString('--expose-gc');
  const collectGarbage = vm.runInNewContext('gc') as () => void;
  const silent = await startStubServer((response) => openStream(response).start());
  try {
    const { client } = await open({ ...settings, baseUrl: silent.url, headers: {} }, undefined, 1000);
    const asked = client.ask(request).catch((error: unknown) => error);
    for (let times = 0; times < 5; times++) {
      await pause(100);
      collectGarbage();
    }
    expect(await asked).toMatchObject({ ending: 'silent' });
  } finally {
    await silent.stop();
  }
});

test.each([
  [200, false],
  [300, false],
  [302, true],
  [304, false],
  [307, true],
  [401, false],
])('whether the status %d is refused as a redirect: %p', async (status, isRefused) => {
  const answer = async () => refuseRedirect(new Response(null, { status }));
  if (isRefused) await expect(answer()).rejects.toThrow(`unexpected redirect (${status})`);
  else expect((await answer()).status).toBe(status);
});
