import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ScriptedModel, startScriptedModel } from '../../scripted-model/scripted-model.js';
import { compact } from '../../src/agent/compaction/compact.js';
import { workOnTask } from '../../src/agent/loop.js';
import { createModelClient } from '../../src/model/create-model-client.js';
import { createFindModel } from '../../src/model/find-model.js';
import type { Conversation, ModelClient, ModelRequest } from '../../src/model/model.js';
import { openAnthropic } from '../../src/model/providers/open-anthropic.js';

let double: ScriptedModel;
let model: ModelClient;

beforeEach(async () => {
  double = await startScriptedModel();
  const now = () => new Date();
  model = createModelClient({
    provider: openAnthropic({ apiKey: double.apiKey, baseUrl: double.url }),
    replyTimeoutMs: 60_000,
    idleTimeoutMs: 20_000,
    now,
  });
});
afterEach(async () => {
  expect(double.violations).toEqual([]);
  await double.stop();
});

const opening: Conversation = [{ role: 'user', content: [{ type: 'text', text: 'A long task' }] }];
const start: ModelRequest = {
  model: createFindModel()('sonnet'),
  system: [
    { type: 'text', text: `Work. ${'Follow the rules. '.repeat(300)}`, cache_control: { type: 'ephemeral' } },
  ],
  tools: [
    { name: 'view', input_schema: { type: 'object', properties: { part: { type: 'number' } } } },
    { name: 'submit', input_schema: { type: 'object', properties: {} } },
  ],
  conversation: opening,
};
const minuteMs = 60_000;

test('a conversation of 1.2 million tokens is compacted once and goes on to its end', async () => {
  const views = Array.from({ length: 26 }, (_, turn) => ({
    calls: [['view', { part: turn }]] as [string, Record<string, unknown>][],
    summary: 'I read the first parts.',
  }));
  double.script({ when: 'A long task', turns: [...views, { calls: [['submit', {}]] }] });
  // 120,000 characters are about 48,000 tokens.
  const result = 'a line of the file\n'.repeat(6316);
  const work = await workOnTask(
    {
      ask: (_, conversation) => model.ask({ ...start, conversation }),
      act: async (turn, { content }) => ({
        results: content.flatMap((block) =>
          block.type === 'tool_use'
            ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: result }]
            : [],
        ),
        checkpoint: `c${turn}`,
        durationMs: 1,
        outcome: turn === 27 ? { kind: 'asked', questions: [] } : null,
      }),
      judge: async (_turn, _reply, action) => action,
      compact: (_, conversation) => compact(model, { ...start, conversation }, opening),
    },
    {
      conversation: structuredClone(opening),
      startCommit: 'c0',
      budget: { turns: 100, tokens: Infinity, dollars: Infinity, minutes: 60, extension: 0 },
      model: 'm',
      compactAt: 750_000,
    },
  );
  expect(work.outcome.kind).toBe('asked');
  const compactions = double.requests.filter(({ body }) => 'compaction' in body);
  expect(compactions).toHaveLength(1);
  const written = work.spend.cacheWriteTokens + work.spend.inputTokens;
  expect(written).toBeGreaterThan(1_200_000);
  const last = JSON.stringify(double.requests.at(-1)?.body.messages.slice(0, 2));
  expect(last).toContain('I read the first parts.');
  expect(last).toContain('A long task');
});

test('a read keeps a cache entry alive, and costs only the read', async () => {
  double.script({ when: 'A long task', turns: [{ calls: [['submit', {}]] }, { say: 'Done.' }] });
  const { content, usage } = await model.ask(start);
  double.advance(4.5 * minuteMs);
  const kept = await model.keepCached(start);
  const cached = usage.cacheWriteTokens;
  expect(cached).toBeGreaterThan(1024);
  expect(kept?.usage).toEqual({
    ...kept?.usage,
    cacheWriteTokens: 0,
    cacheReadTokens: cached,
    outputTokens: 0,
  });
  double.advance(4.5 * minuteMs);
  const call = content.find((block) => block.type === 'tool_use');
  const next = await model.ask({
    ...start,
    conversation: [
      ...opening,
      { role: 'assistant', content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: 'ok' }] },
    ],
  });
  expect(next.usage.cacheReadTokens).toBe(cached);
});

test('a conversation that cannot be summarized gives no summary', async () => {
  double.script({ when: 'A long task', turns: [{ say: 'Done.' }] });
  double.failNext({
    status: 400,
    body: '{"type":"error","error":{"type":"invalid_request_error","message":"x"}}',
  });
  expect(await model.summarize(start, 'Summarize.')).toBeNull();
});
