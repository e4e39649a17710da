import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createModelClient } from '../../src/model/create-model-client.js';
import { createFindModel } from '../../src/model/find-model.js';
import type { ModelRequest } from '../../src/model/model.js';
import type { Usage } from '../../src/model/models.js';
import { openAnthropic } from '../../src/model/providers/open-anthropic.js';
import { openStream, type StubServer, sendError, sendReply, startStubServer } from './stub-server.js';

let server: StubServer;
afterEach(() => server.stop());

const model = createFindModel()('sonnet');
const limits = { idleTimeoutMs: 1000, replyTimeoutMs: 60_000 };
const request: ModelRequest = {
  model,
  system: [{ type: 'text', text: 'x'.repeat(2500) }],
  tools: [],
  conversation: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
};

/** Starts a server that answers like this, and asks it once. */
async function ask(
  answer: Parameters<typeof startStubServer>[0],
  more: Partial<ModelRequest & typeof limits> = {},
) {
  server = await startStubServer(answer);
  const provider = openAnthropic({ apiKey: 'key', baseUrl: server.url });
  const options = { ...limits, provider, now: () => new Date(), ...more };
  return createModelClient(options).ask({ ...request, ...more });
}

/** What the API had counted when the reply started. */
const input = { cacheWrite1hTokens: 0, inputTokens: 100, cacheWriteTokens: 20, cacheReadTokens: 3000 };

test('a reply that sends only pings for longer than the limit is received whole', async () => {
  const reply = await ask(async (response) => {
    const stream = openStream(response);
    stream.start();
    for (let sent = 0; sent < 22; sent++) {
      stream.ping();
      await pause(100);
    }
    stream.text('thought through');
    stream.end();
  });
  expect(reply).toMatchObject({
    content: [{ text: 'thought through' }],
    usage: { ...input, outputTokens: 7 },
  });
  expect(reply.durationMs).toBeGreaterThan(limits.idleTimeoutMs * 2);
  expect(server.requests).toHaveLength(1);
});

describe('an abandoned reply says what it may have cost', () => {
  test('if nothing arrives: the tokens of the request, at 2.5 characters each', async () => {
    const asked = ask(() => {});
    await expect(asked).rejects.toMatchObject({
      ending: 'silent',
      reason: 'the model sent nothing for 1 s',
      usage: { cacheWriteTokens: 0, cacheReadTokens: 0, outputTokens: 0 },
    });
    const { usage, dollars } = (await asked.catch((error: unknown) => error)) as {
      usage: Usage;
      dollars: number;
    };
    const { system, tools, conversation } = request;
    expect(usage.inputTokens).toBe(Math.ceil(JSON.stringify({ system, tools, conversation }).length / 2.5));
    expect(dollars).toBeCloseTo((usage.inputTokens * 2) / 1e6, 10);
  });

  test('if it falls silent: what the API counted at its start, and the text that arrived', async () => {
    const asked = ask((response) => {
      const stream = openStream(response);
      stream.start();
      stream.text('y'.repeat(2500));
    });
    const error = (await asked.catch((error: unknown) => error)) as { ending: string; usage: Usage };
    expect(error).toMatchObject({ ending: 'silent', usage: input });
    expect(error.usage.outputTokens).toBeGreaterThan(1000);
    expect(error.usage.outputTokens).toBeLessThan(1100);
  });

  test('if it only thinks until its total time is over: 100 tokens for each second', async () => {
    const asked = ask(
      async (response) => {
        const stream = openStream(response);
        stream.start();
        while (!response.destroyed) {
          stream.ping();
          await pause(50);
        }
      },
      { replyTimeoutMs: 1500 },
    );
    const error = (await asked.catch((error: unknown) => error)) as { ending: string; usage: Usage };
    expect(error).toMatchObject({
      ending: 'late',
      reason: expect.stringContaining('took longer than'),
      usage: input,
    });
    expect(error.usage.outputTokens).toBeGreaterThan(100);
    expect(error.usage.outputTokens).toBeLessThanOrEqual(200);
  });

  test('but never more than the limit of the reply', async () => {
    const answer: Parameters<typeof startStubServer>[0] = (response) => {
      const stream = openStream(response);
      stream.start();
      stream.text('y'.repeat(2500));
    };
    await expect(ask(answer, { maxTokens: 20 })).rejects.toMatchObject({ usage: { outputTokens: 20 } });
  });

  test('if it breaks off after its usage was sent: that usage', async () => {
    const asked = ask((response) => {
      const stream = openStream(response);
      stream.start();
      const delta = { stop_reason: 'end_turn', stop_sequence: null };
      stream.send('message_delta', { delta, usage: { output_tokens: 321 } });
      response.end();
    });
    await expect(asked).rejects.toMatchObject({
      ending: 'cut',
      reason: "the model's reply was cut off",
      usage: { ...input, outputTokens: 321 },
    });
  });

  test('if the API reports an error in the middle', async () => {
    const asked = ask((response) => {
      const stream = openStream(response);
      stream.start();
      stream.send('error', { error: { type: 'overloaded_error', message: 'Overloaded' } });
      response.end();
    });
    await expect(asked).rejects.toMatchObject({
      ending: 'cut',
      reason: 'the model is overloaded (529)',
      usage: { inputTokens: 100 },
    });
  });

  test('if people stop the run', async () => {
    const stop = new AbortController();
    const asked = ask(
      (response) => {
        openStream(response).start();
        setTimeout(() => stop.abort(), 50);
      },
      { signal: stop.signal },
    );
    await expect(asked).rejects.toMatchObject({ ending: 'stopped', usage: input });
  });

  test('if the input of a call was lost: the usage of the whole reply', async () => {
    const asked = ask(
      (response) => {
        const stream = openStream(response);
        stream.start();
        const content_block = { type: 'tool_use', id: 't', name: 'bash', input: {} };
        stream.send('content_block_start', { index: 0, content_block });
        stream.send('content_block_stop', { index: 0 });
        stream.end('tool_use');
      },
      { tools: [{ name: 'bash', input_schema: { type: 'object', required: ['command'] } }] },
    );
    await expect(asked).rejects.toMatchObject({ ending: 'cut', usage: { ...input, outputTokens: 7 } });
  });
});

describe('a request that the API refused costs nothing', () => {
  test('with an error response', async () => {
    const error = await ask((response) => sendError(response, 529)).catch((error: unknown) => error);
    expect(error).toMatchObject({ name: 'RetryLater', reason: 'the model is overloaded (529)' });
    expect(error).not.toHaveProperty('usage');
  });

  test('with an error before the start of the reply', async () => {
    const error = await ask((response) => {
      openStream(response).send('error', { error: { type: 'overloaded_error', message: 'Overloaded' } });
      response.end();
    }).catch((error: unknown) => error);
    expect(error).toMatchObject({ name: 'RetryLater', reason: 'the model is overloaded (529)' });
    expect(error).not.toHaveProperty('usage');
  });
});

test('the cost of a reply is reported at its start, with a margin until the next report', async () => {
  const reports: Usage[] = [];
  await ask((response) => sendReply(response), { onSpend: (usage) => reports.push(usage) });
  expect(reports).toEqual([{ ...input, outputTokens: 1000 }]);
});
