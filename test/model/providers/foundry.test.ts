import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Platform } from '../../../src/model/providers/provider-models.js';
import { type StubServer, sendError, startStubServer } from '../stub-server.js';
import { expectToolCall, open, redirectTo, requestOf, sendToolCall } from './tool-call.js';

const platform: Platform = { provider: 'foundry', bedrockPrefix: 'global', vertexRegion: null };
const request = requestOf('opus', platform);
const settings = { name: 'foundry', apiKey: 'foundry-key-1', authToken: null } as const;
const endpoint = { resource: null, baseUrl: null, headers: {} };

let server: StubServer;
beforeEach(async () => {
  server = await startStubServer((response, { headers }) => {
    const isKnown =
      headers['x-api-key'] === 'foundry-key-1' || headers.authorization === 'Bearer entra-token-1';
    if (isKnown) sendToolCall(response);
    else sendError(response, 401, { message: 'Access denied due to invalid subscription key.' });
  });
});
afterEach(() => server.stop());

test('a key gets a whole reply with a tool call from the resource', async () => {
  const { hosts, fetch } = redirectTo(() => server.url);
  const { client } = await open({ ...settings, ...endpoint, resource: 'res-1' }, fetch);
  const reply = await client.ask(request);
  expectToolCall(reply);
  expect(reply.dollars).toBeCloseTo((1000 * 4 + 200 * 5 + 30_000 * 0.2 + 50 * 20) / 1e6, 9);
  expect(hosts).toEqual(['res-1.services.ai.azure.com']);
  const [sent] = server.requests;
  expect(sent?.path).toBe('/anthropic/v1/messages');
  expect(sent?.headers['anthropic-version']).toEqual(expect.any(String));
  expect(sent?.headers.authorization).toBeUndefined();
  expect(sent?.body).toMatchObject({ model: 'claude-opus-5-5', stream: true, tools: [{ name: 'bash' }] });
});

test('a token of Entra ID is sent as a bearer token, to the base URL', async () => {
  const { client } = await open({
    ...{ ...settings, ...endpoint, baseUrl: `${server.url}/anthropic`, apiKey: null },
    authToken: 'entra-token-1',
    headers: { 'X-Team': 'blue' },
  });
  expectToolCall(await client.ask(request));
  const [sent] = server.requests;
  expect(sent?.path).toBe('/anthropic/v1/messages');
  expect(sent?.headers['x-team']).toBe('blue');
  expect(sent?.headers['x-api-key']).toBeUndefined();
});

test('a wrong key lets all runs wait for the operator', async () => {
  const { client } = await open({ ...settings, ...endpoint, baseUrl: server.url, apiKey: 'another-key' });
  await expect(client.ask(request)).rejects.toMatchObject({
    reason: "the model's API does not accept this server's key (401)",
    apiMessage: 'Access denied due to invalid subscription key. (check ANTHROPIC_FOUNDRY_API_KEY)',
  });
});

test('if Azure has no identity for the machine, all runs wait for the operator', async () => {
  process.env.AZURE_TOKEN_CREDENTIALS = 'EnvironmentCredential';
  try {
    const { client } = await open({ ...settings, ...endpoint, baseUrl: server.url, apiKey: null });
    await expect(client.ask(request)).rejects.toMatchObject({
      name: 'RetryLater',
      isUnlimited: true,
      reason: "this server got no credentials for the model's API",
    });
    expect(server.requests).toEqual([]);
  } finally {
    delete process.env.AZURE_TOKEN_CREDENTIALS;
  }
});

test('without a key, the identity of the machine gets a token, and the token becomes an active secret', async () => {
  const identity = await startStubServer((response, { headers, path: place }) => {
    const { searchParams } = new URL(place, 'http://host');
    const isRight =
      headers['x-identity-header'] === 'identity-1' &&
      searchParams.get('resource') === 'https://ai.azure.com';
    response.writeHead(isRight ? 200 : 400, { 'content-type': 'application/json' });
    const expiresOn = Math.floor(Date.now() / 1000) + 3600;
    response.end(
      JSON.stringify({ access_token: 'entra-token-1', expires_on: expiresOn, token_type: 'Bearer' }),
    );
  });
  const variables = {
    IDENTITY_ENDPOINT: `${identity.url}/msi/token`,
    IDENTITY_HEADER: 'identity-1',
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
  };
  Object.assign(process.env, variables);
  try {
    const { client, provider } = await open({ ...settings, ...endpoint, baseUrl: server.url, apiKey: null });
    expectToolCall(await client.ask(request));
    expect(server.requests[0]?.headers.authorization).toBe('Bearer entra-token-1');
    expect(provider.activeSecrets()).toEqual(['entra-token-1']);
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
    await identity.stop();
  }
});
