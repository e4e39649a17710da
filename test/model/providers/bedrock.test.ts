import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { createModelClient } from '../../../src/model/create-model-client.js';
import { openProvider } from '../../../src/model/providers/open-provider.js';
import type { Platform } from '../../../src/model/providers/provider-models.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';
import { type StubServer, startStubServer } from '../stub-server.js';
import {
  type AwsKey,
  encodeChunk,
  encodeException,
  isSigned,
  openEventStream,
  refuse,
  sendToolCallOfBedrock,
} from './aws-stub.js';
import { expectToolCall, open, redirectTo, requestOf, toolCallEvents } from './tool-call.js';

const region = 'eu-west-1';
const key: AwsKey = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'a-session-token/with+signs==',
};
const accessKey = {
  id: key.accessKeyId,
  secret: key.secretAccessKey,
  sessionToken: key.sessionToken ?? null,
};
const platform: Platform = { provider: 'bedrock', bedrockPrefix: 'eu', vertexRegion: null };
const request = requestOf('sonnet', platform);
const settings = () => ({
  ...({ name: 'bedrock', region, bearerToken: null, accessKey, headers: {} } as const),
  baseUrl: server.url,
});

let server: StubServer;
afterEach(() => server.stop());

/** Starts a server that answers signed requests only. */
async function startBedrock(answer = sendToolCallOfBedrock, expected = key): Promise<void> {
  server = await startStubServer((response, received) =>
    isSigned(received, region, expected)
      ? answer(response)
      : refuse(
          response,
          403,
          'The request signature we calculated does not match the signature you provided.',
        ),
  );
}

test('a signed request gets a whole reply with a tool call from an event stream', async () => {
  await startBedrock();
  const { client, said } = await open({ ...settings(), headers: { 'X-Team': 'blue' } });
  const reply = await client.ask(request);
  expectToolCall(reply);
  // The profile `eu` costs ten percent more than `global`.
  expect(reply.dollars).toBeCloseTo((1.1 * (1000 * 2 + 200 * 2.5 + 30_000 * 0.1 + 50 * 10)) / 1e6, 9);
  const [{ path: place, headers, body }] = server.requests as [(typeof server.requests)[0]];
  expect(place).toBe('/model/eu.anthropic.claude-sonnet-5-5/invoke-with-response-stream');
  expect(headers).toMatchObject({ 'x-team': 'blue', 'x-amz-security-token': key.sessionToken });
  expect(headers['anthropic-version']).toBeUndefined();
  expect(headers['x-api-key']).toBeUndefined();
  expect(body).toMatchObject({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 128_000,
    output_config: { effort: 'low' },
    tools: [{ name: 'bash' }],
  });
  expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['model']));
  expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['stream']));
  expect(said).toEqual([]);
});

test('the id of a model with a colon is signed as it is sent', async () => {
  await startBedrock();
  const { client } = await open(settings());
  expectToolCall(await client.ask(requestOf('claude-opus-4-5', platform)));
  expect(server.requests[0]?.path).toBe(
    '/model/eu.anthropic.claude-opus-4-5-20251101-v1:0/invoke-with-response-stream',
  );
});

test('without a base URL, the request goes to the endpoint of the region', async () => {
  server = await startStubServer((response) => sendToolCallOfBedrock(response));
  const { hosts, fetch } = redirectTo(() => server.url);
  const { client } = await open({ ...settings(), baseUrl: null }, fetch);
  expectToolCall(await client.ask(request));
  expect(hosts).toEqual(['bedrock-runtime.eu-west-1.amazonaws.com']);
});

test('a wrong secret is refused, and all runs wait for the operator', async () => {
  await startBedrock(undefined, { ...key, secretAccessKey: 'another-secret' });
  const { client } = await open(settings());
  await expect(client.ask(request)).rejects.toMatchObject({
    ...{ name: 'RetryLater', isUnlimited: true },
    reason: "the model's API does not accept this server's credentials (403)",
    apiMessage: expect.stringContaining('(check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)'),
  });
});

test('a model that the account may not use fails the run, without the name of the account', async () => {
  const message =
    'User: arn:aws:iam::123456789012:user/bot is not authorized to perform: bedrock:InvokeModel';
  server = await startStubServer((response) => refuse(response, 403, message));
  const { client } = await open(settings());
  const reason =
    "The model's API does not let this server's credentials use the model (403): User: [ARN] is not authorized to perform: bedrock:InvokeModel.";
  await expect(client.ask(request)).rejects.toMatchObject({ outcome: { kind: 'failed', reason } });
});

test('the name of an AWS account in a refusal is left out of what people read', async () => {
  const message = 'The profile arn:aws:bedrock:eu-west-1:123456789012:inference-profile/x is invalid.';
  server = await startStubServer((response) => refuse(response, 400, message));
  const { client } = await open(settings());
  await expect(client.ask(request)).rejects.toMatchObject({
    outcome: { reason: "The model's API refused the request (400): The profile [ARN] is invalid." },
  });
});

test('a key of Bedrock is sent as a bearer token, without a signature', async () => {
  server = await startStubServer((response) => sendToolCallOfBedrock(response));
  const { client } = await open({ ...settings(), accessKey: null, bearerToken: 'bedrock-api-key-1' });
  expectToolCall(await client.ask(request));
  const headers = server.requests[0]?.headers;
  expect(headers?.authorization).toBe('Bearer bedrock-api-key-1');
  expect(headers?.['x-amz-date']).toBeUndefined();
});

test("AWS's default chain finds a key in the machine's configuration, and the key becomes an active secret", async () => {
  const folder = await createTemporaryFolder();
  const file = path.join(folder.path, 'credentials');
  await writeFile(
    file,
    `[bot]\naws_access_key_id = ${key.accessKeyId}\naws_secret_access_key = ${key.secretAccessKey}\n` +
      `aws_session_token = ${key.sessionToken}\n`,
  );
  Object.assign(process.env, { AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: 'bot' });
  try {
    await startBedrock();
    const { client, provider } = await open({ ...settings(), accessKey: null });
    expect(provider.activeSecrets()).toEqual([]);
    expectToolCall(await client.ask(request));
    expect(provider.activeSecrets()).toEqual(
      expect.arrayContaining([key.secretAccessKey, key.sessionToken as string]),
    );
  } finally {
    delete process.env.AWS_SHARED_CREDENTIALS_FILE;
    delete process.env.AWS_PROFILE;
    await folder.remove();
  }
});

test('if the default chain finds nothing, all runs wait for the operator', async () => {
  server = await startStubServer((response) => sendToolCallOfBedrock(response));
  const none = { AWS_SHARED_CREDENTIALS_FILE: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' };
  Object.assign(process.env, none);
  try {
    const { client } = await open({ ...settings(), accessKey: null });
    await expect(client.ask(request)).rejects.toMatchObject({
      ...{ name: 'RetryLater', isUnlimited: true },
      reason: "this server got no credentials for the model's API",
      apiMessage: expect.stringContaining("check AWS_ACCESS_KEY_ID, or this machine's configuration of AWS)"),
    });
    expect(server.requests).toEqual([]);
  } finally {
    for (const name of Object.keys(none)) delete process.env[name];
  }
});

test('if the service that gives credentials has a fault, the request is repeated later', async () => {
  server = await startStubServer((response) => sendToolCallOfBedrock(response));
  const folder = await createTemporaryFolder();
  const file = path.join(folder.path, 'token');
  await writeFile(file, 'a-web-identity');
  const sts = await startStubServer((response) => void response.writeHead(503).end());
  const variables = {
    ...{ AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/bot', AWS_WEB_IDENTITY_TOKEN_FILE: file },
    ...{ AWS_ENDPOINT_URL_STS: sts.url, AWS_REGION: region, AWS_MAX_ATTEMPTS: '1' },
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  };
  Object.assign(process.env, variables);
  try {
    const { client } = await open({ ...settings(), accessKey: null });
    await expect(client.ask(request)).rejects.toMatchObject({
      ...{ name: 'RetryLater', isUnlimited: false },
      reason: "the service that gives the credentials for the model's API did not answer",
    });
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
    await sts.stop();
    await folder.remove();
  }
});

test('an exception in the stream lets the request be repeated later', async () => {
  await startBedrock((response) => {
    openEventStream(response);
    for (const event of toolCallEvents.slice(0, 3)) response.write(encodeChunk(event));
    response.end(encodeException('throttlingException', 'Too many tokens, please wait'));
  });
  const { client } = await open(settings());
  await expect(client.ask(request)).rejects.toMatchObject({
    name: 'RetryLater',
    ending: 'cut',
    reason: "the model's rate limit was reached (429)",
  });
});

test('a prompt that is too long for the model is an overflow, in the words of Bedrock', async () => {
  await startBedrock((response) => refuse(response, 400, 'Input is too long for requested model.'));
  const { client } = await open(settings());
  expect(await client.ask(request)).toMatchObject({ stopReason: 'context-overflow' });
});

test('a request that only keeps the cache is signed as well', async () => {
  await startBedrock((response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const usage = { input_tokens: 3, cache_read_input_tokens: 30_000, output_tokens: 0 };
    response.end(JSON.stringify({ id: 'msg_1', type: 'message', role: 'assistant', content: [], usage }));
  });
  const { client, said } = await open(settings());
  expect(await client.keepCached(request)).toMatchObject({ usage: { cacheReadTokens: 30_000 } });
  expect(server.requests[0]).toMatchObject({
    path: '/model/eu.anthropic.claude-sonnet-5-5/invoke',
    body: { max_tokens: 0, anthropic_version: 'bedrock-2023-05-31' },
  });
  expect(said).toEqual([]);
});

test('if nobody listens, the request is repeated later', async () => {
  await startBedrock();
  const { client } = await open(settings());
  await server.stop();
  await expect(client.ask(request)).rejects.toMatchObject({
    name: 'RetryLater',
    reason: 'the model could not be reached',
  });
});

test('messages that the SDK drops keep a slow reply alive', async () => {
  await startBedrock(async (response) => {
    openEventStream(response);
    for (const event of toolCallEvents.slice(0, 1)) response.write(encodeChunk(event));
    for (let keepAlives = 0; keepAlives < 6; keepAlives++) {
      await wait(100);
      response.write(encodeChunk({}));
    }
    for (const event of toolCallEvents.slice(1)) response.write(encodeChunk(event));
    response.end();
  });
  const limits = { idleTimeoutMs: 300, replyTimeoutMs: 60_000, now: () => new Date() };
  const client = createModelClient({ provider: await openProvider(settings()), ...limits });
  expectToolCall(await client.ask(request));
});

test('aborting the signal ends the request', async () => {
  const stop = new AbortController();
  let closed: Promise<unknown> = Promise.resolve();
  await startBedrock((response) => {
    openEventStream(response);
    response.write(encodeChunk(toolCallEvents[0] as object));
    closed = new Promise((resolve) => response.once('close', resolve));
    stop.abort();
  });
  const { client } = await open(settings());
  await expect(client.ask({ ...request, signal: stop.signal })).rejects.toMatchObject({
    reason: 'the run was stopped',
  });
  await closed;
});

test('a conversation is summarized through the body of the request, or not at all', async () => {
  await startBedrock((response) => refuse(response, 400, 'compaction: Extra inputs are not permitted'));
  const { client, said } = await open(settings());
  expect(await client.summarize(request, 'Be brief')).toBeNull();
  expect(server.requests[0]?.body).toMatchObject({
    anthropic_beta: ['compact-2026-09-04'],
    compaction: { type: 'summarize', instructions: 'Be brief' },
  });
  expect(said).toEqual([
    "the model's API did not summarize a conversation (400: compaction: Extra inputs are not permitted), so its " +
      'oldest turns are removed instead',
  ]);
});
