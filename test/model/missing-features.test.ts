import { afterEach, expect, test } from '@jest/globals';
import { open, requestOf, sendToolCall } from './providers/tool-call.js';
import { type ReceivedRequest, type StubServer, sendError, startStubServer } from './stub-server.js';

let server: StubServer;
afterEach(() => server.stop());

/** Starts a gateway that refuses each request for which `fault` returns a message. */
async function startGateway(fault: (request: ReceivedRequest) => string | null) {
  server = await startStubServer((response, received) => {
    const message = fault(received);
    if (message === null) sendToolCall(response);
    else sendError(response, 400, { type: 'invalid_request_error', message });
  });
  return open({ ...gateway, baseUrl: server.url });
}

const gateway = { name: 'anthropic', apiKey: 'key', authToken: null, headers: {} } as const;

test('an API that does not know efforts is asked without them, and that is said once', async () => {
  const { client, said } = await startGateway(({ body }) =>
    body.output_config ? 'output_config: Extra inputs are not permitted' : null,
  );
  expect(await client.ask(requestOf('sonnet'))).toMatchObject({ stopReason: 'tool_use' });
  expect(await client.ask(requestOf('sonnet'))).toMatchObject({ stopReason: 'tool_use' });
  expect(server.requests.map(({ body }) => 'output_config' in body)).toEqual([true, false, false]);
  expect(said).toEqual([
    'the API of claude-sonnet-5-5 does not accept the parameter effort, so it works on each reply as much as it ' +
      'does by default',
  ]);
});

test('two requests that are refused at the same time are both repeated, and that is said once', async () => {
  let refused = 0;
  let refuseBoth = () => {};
  const bothArrived = new Promise<void>((resolve) => {
    refuseBoth = resolve;
  });
  server = await startStubServer(async (response, { body }) => {
    if (!body.output_config) return sendToolCall(response);
    refused += 1;
    if (refused === 2) refuseBoth();
    await bothArrived;
    sendError(response, 400, { message: 'output_config: Extra inputs are not permitted' });
  });
  const { client, said } = await open({ ...gateway, baseUrl: server.url });
  const replies = await Promise.all([client.ask(requestOf('sonnet')), client.ask(requestOf('sonnet'))]);
  expect(replies).toMatchObject([{ stopReason: 'tool_use' }, { stopReason: 'tool_use' }]);
  expect(server.requests).toHaveLength(4);
  expect(said).toHaveLength(1);
});

test('an API that knows neither efforts nor adaptive thinking is asked without both', async () => {
  const { client, said } = await startGateway(({ body }) => {
    if (body.thinking) return 'thinking.display: Extra inputs are not permitted';
    return body.output_config ? 'Unsupported parameter: output_config' : null;
  });
  expect(await client.ask(requestOf('sonnet'))).toMatchObject({ stopReason: 'tool_use' });
  expect(said).toHaveLength(2);
  expect(await client.ask(requestOf('opus'))).toMatchObject({ stopReason: 'tool_use' });
  expect(said).toHaveLength(4);
});

test('an API that refuses a parameter for another reason ends the run', async () => {
  const { client, said } = await startGateway(() => 'output_config.effort: must be one of low, medium, high');
  await expect(client.ask(requestOf('sonnet'))).rejects.toMatchObject({ outcome: { kind: 'failed' } });
  expect(server.requests).toHaveLength(1);
  expect(said).toEqual([]);
});

test('a model that always replies is not asked again to read its cache only, but others are', async () => {
  const { client, said } = await startGateway(({ body }) =>
    body.max_tokens === 0 && body.model === 'claude-sonnet-5-5'
      ? 'max_tokens: must be greater than or equal to 1'
      : null,
  );
  expect(await client.keepCached(requestOf('sonnet'))).toBeNull();
  expect(await client.keepCached(requestOf('sonnet'))).toBeNull();
  expect(server.requests).toHaveLength(1);
  expect(said).toEqual([
    "the model's API reads no cache without a reply (400: max_tokens: must be greater than or equal to 1), so its " +
      'cache can expire while long tests run',
  ]);
  await client.keepCached(requestOf('opus')).catch(() => null);
  expect(server.requests.map(({ body }) => body.model)).toEqual(['claude-sonnet-5-5', 'claude-opus-5-5']);
});

test('an API without summaries is asked without an effort that it refuses, and then gives up the summary', async () => {
  const { client, said } = await startGateway(({ body }) =>
    body.output_config ? 'output_config: unknown field' : 'compaction: unknown field',
  );
  expect(await client.summarize(requestOf('sonnet'), 'Be brief')).toBeNull();
  expect(server.requests).toHaveLength(2);
  expect(said.at(-1)).toBe(
    "the model's API did not summarize a conversation (400: compaction: unknown field), so its oldest turns are " +
      'removed instead',
  );
});
