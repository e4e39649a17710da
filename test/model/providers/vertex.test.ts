import { createVerify, generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type http from 'node:http';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Platform } from '../../../src/model/providers/provider-models.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';
import { type ReceivedRequest, type StubServer, sendError, startStubServer } from '../stub-server.js';
import { expectToolCall, open, redirectTo, requestOf, sendToolCall } from './tool-call.js';

const account = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const email = 'bot@project-1.iam.gserviceaccount.com';
const platform: Platform = { provider: 'vertex', bedrockPrefix: 'global', vertexRegion: 'europe-west1' };
const request = requestOf('sonnet', platform);
const token = 'ya29.c.an-access-token-of-the-stub';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let server: StubServer;
/** Answers requests for a token. */
let answerToken: typeof giveToken;
let refuseModel: ((response: http.ServerResponse) => void) | null;
let redirected: ReturnType<typeof redirectTo>;

beforeEach(async () => {
  folder = await createTemporaryFolder();
  answerToken = giveToken;
  refuseModel = null;
  server = await startStubServer((response, received) =>
    received.path === '/token' ? answerToken(response, received) : answerModel(response, received),
  );
  redirected = redirectTo(() => server.url);
});
afterEach(async () => {
  await server.stop();
  await folder.remove();
});

/** Gives a token for an assertion that the account signed. */
function giveToken(response: http.ServerResponse, { text }: ReceivedRequest): void {
  const form = new URLSearchParams(text);
  const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
  const isSigned = createVerify('RSA-SHA256')
    .update(`${header}.${claims}`)
    .verify(account.publicKey, signature, 'base64url');
  const { iss, scope, aud, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const isRight =
    form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
    iss === email &&
    scope === 'https://www.googleapis.com/auth/cloud-platform' &&
    aud === 'https://oauth2.googleapis.com/token' &&
    exp * 1000 > Date.now();
  response.writeHead(isSigned && isRight ? 200 : 400, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify(
      isSigned && isRight
        ? { access_token: token, expires_in: 3599, token_type: 'Bearer' }
        : { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' },
    ),
  );
}

function answerModel(response: http.ServerResponse, { headers }: ReceivedRequest): void {
  if (refuseModel) refuseModel(response);
  else if (headers.authorization === `Bearer ${token}`) sendToolCall(response);
  else sendError(response, 401, { message: 'Request had invalid authentication credentials.' });
}

async function openVertex({ privateKey } = account, region = 'europe-west1') {
  const credentialsFile = path.join(folder.path, 'account.json');
  await writeFile(
    credentialsFile,
    JSON.stringify({
      ...{ type: 'service_account', client_email: email, project_id: 'other', private_key_id: '1' },
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    }),
  );
  const settings = { name: 'vertex', region, projectId: 'project-1', credentialsFile } as const;
  return open({ ...settings, baseUrl: null, headers: { 'X-Team': 'blue' } }, redirected.fetch);
}

test('a signed assertion gets a token, and the token gets a whole reply with a tool call', async () => {
  const { client, provider } = await openVertex();
  const reply = await client.ask(request);
  expectToolCall(reply);
  expect(reply.dollars).toBeCloseTo((1.1 * (1000 * 2 + 200 * 2.5 + 30_000 * 0.1 + 50 * 10)) / 1e6, 9);
  expect(redirected.hosts).toEqual(['oauth2.googleapis.com', 'europe-west1-aiplatform.googleapis.com']);
  const sent = server.requests.at(-1);
  expect(sent?.path).toBe(
    '/v1/projects/project-1/locations/europe-west1/publishers/anthropic/models/claude-sonnet-5-5:streamRawPredict',
  );
  expect(sent?.headers).toMatchObject({ authorization: `Bearer ${token}`, 'x-team': 'blue' });
  expect(sent?.headers['x-api-key']).toBeUndefined();
  expect(sent?.body).toMatchObject({ stream: true, max_tokens: 128_000, tools: [{ name: 'bash' }] });
  expect(sent?.body.anthropic_version).toEqual(expect.any(String));
  expect(sent?.body.model).toBeUndefined();
  expect(provider.activeSecrets()).toEqual([token]);
});

test('the token is used again, also to keep the cache', async () => {
  const { client } = await openVertex();
  await client.ask(request);
  await client.ask(request);
  expect(server.requests.filter(({ path: place }) => place === '/token')).toHaveLength(1);
});

test.each([
  ['global', 'aiplatform.googleapis.com'],
  ['eu', 'aiplatform.eu.rep.googleapis.com'],
])('requests for the location %s go to %s', async (region, host) => {
  const { client } = await openVertex(account, region);
  expectToolCall(await client.ask(requestOf('haiku', { ...platform, vertexRegion: region })));
  expect(redirected.hosts.at(-1)).toBe(host);
  expect(server.requests.at(-1)?.path).toContain(`/locations/${region}/`);
});

test('a key of another account gets no token, and all runs wait for the operator', async () => {
  const { client } = await openVertex(stranger);
  await expect(client.ask(request)).rejects.toMatchObject({
    name: 'RetryLater',
    isUnlimited: true,
    reason: "this server got no credentials for the model's API",
    apiMessage: expect.stringMatching(/invalid_grant.*check GOOGLE_APPLICATION_CREDENTIALS\)$/),
  });
  expect(server.requests.map(({ path: place }) => place)).toEqual(['/token']);
});

test('if the service for tokens breaks the connection, the request is repeated later and costs nothing', async () => {
  const { client } = await openVertex();
  answerToken = (response) => void response.socket?.destroy();
  const error = await client.ask(request).catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    ...{ name: 'RetryLater', isUnlimited: false },
    reason: "the service that gives the credentials for the model's API did not answer",
  });
  expect(error).not.toHaveProperty('usage');
  answerToken = giveToken;
  expectToolCall(await client.ask(request));
});

test('the name of a project in a refusal is left out of what people read', async () => {
  const { client } = await openVertex();
  const message = "The model 'projects/project-1/locations/europe-west1/models/x' is not in projects/123.";
  refuseModel = (response) => sendError(response, 400, { message });
  await expect(client.ask(request)).rejects.toMatchObject({
    outcome: {
      reason:
        "The model's API refused the request (400): The model 'projects/[ID]/locations/europe-west1/models/x' is " +
        'not in projects/[ID].',
    },
  });
});

test('the words of AWS about wrong credentials mean nothing here', async () => {
  const { client } = await openVertex();
  refuseModel = (response) => sendError(response, 403, { message: 'Your quota token for x has expired' });
  await expect(client.ask(request)).rejects.toMatchObject({ outcome: { kind: 'failed' } });
});
