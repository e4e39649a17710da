import type Anthropic from '@anthropic-ai/sdk';
import { expect, test } from '@jest/globals';
import { pickAgent } from '../../src/agent/pick-agent.js';
import { AccountRefused } from '../../src/model/account-refused.js';
import { createFindModel } from '../../src/model/find-model.js';
import type { ModelRequest, Reply } from '../../src/model/model.js';
import { noUsage } from '../../src/model/models.js';
import { RunEndedError } from '../../src/runs/outcome.js';
import { RetryLater } from '../../src/runs/retry-later.js';

const agents = [
  { name: 'backend-developer', description: 'writes servers' },
  { name: 'painter', description: 'paints' },
];
const replyOf = (text: string, stopReason = 'end_turn'): Reply => ({
  content: [
    { type: 'thinking', thinking: 'painter?', signature: 's' },
    { type: 'text', text, citations: null },
  ] as Anthropic.ContentBlock[],
  stopReason,
  usage: noUsage,
  dollars: 0,
  at: 0,
  durationMs: 0,
});

async function pick(answer: Reply | Error) {
  const requests: ModelRequest[] = [];
  const client = {
    ask: async (request: ModelRequest) => {
      requests.push(request);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const issue = { title: 'Colours', body: 'Paint it red.' };
  const choice = await pickAgent(client, createFindModel()('haiku'), agents, issue);
  return { ...choice, requests };
}

test('the model chooses by its text, not by its thinking', async () => {
  const { name, failure, reply, requests } = await pick(replyOf('`Painter`.'));
  expect({ name, failure }).toEqual({ name: 'painter', failure: null });
  expect(reply).not.toBeNull();
  expect(requests).toMatchObject([{ model: { id: 'claude-haiku-5-5' }, thinking: 'off', tools: [] }]);
  expect((await pick(replyOf('none'))).failure).toBe('the model named no agent');
});

test.each([
  [replyOf('painter', 'refusal'), 'the model declined to choose'],
  [
    new RunEndedError({ kind: 'failed', reason: "The model's API does not know the model: haiku." }),
    "the model could not be asked: The model's API does not know the model: haiku",
  ],
  [
    new RetryLater("the model's rate limit was reached (429)", 60_000),
    "the model could not be asked: the model's rate limit was reached (429)",
  ],
])('without a choice, the reason is told, and nobody waits for long', async (answer, reason) => {
  const { name, failure, requests } = await pick(answer);
  expect({ name, failure }).toEqual({ name: null, failure: reason });
  expect(requests).toHaveLength(1);
});

test('while the account is refused, the choice waits, because nothing else works either', async () => {
  await expect(pick(new AccountRefused('no credit'))).rejects.toMatchObject({ reason: 'no credit' });
});

test('a fault of Pullwright is not taken for a missing choice', async () => {
  await expect(pick(new TypeError('x is undefined'))).rejects.toThrow('x is undefined');
});
