import type Anthropic from '@anthropic-ai/sdk';
import type { Budget } from '../../src/agent/budget.js';
import { workOnTask } from '../../src/agent/loop.js';
import type { Action } from '../../src/agent/turn.js';
import type { Conversation, Reply } from '../../src/model/model.js';
import { noUsage } from '../../src/model/models.js';
import type { Work } from '../../src/runs/work.js';

const budget: Budget = { turns: 10, tokens: 1_000_000, dollars: 1, minutes: 10, extension: 0 };
export const usage = {
  ...noUsage,
  inputTokens: 10,
  cacheWriteTokens: 20,
  cacheReadTokens: 30,
  outputTokens: 40,
};

export function reply(calls: [string, object][], more: Partial<Reply> = {}): Reply {
  const content = calls.map(
    ([name, input], index) =>
      ({ type: 'tool_use', id: `${name}-${index}`, name, input }) as Anthropic.ContentBlock,
  );
  return {
    content,
    stopReason: calls.length > 0 ? 'tool_use' : 'end_turn',
    usage,
    dollars: 0.1,
    at: 1000,
    durationMs: 10,
    ...more,
  };
}

/**
 * Runs the loop with stored replies and actions.
 * @param judgments what becomes of the action of each submission; by default it stays as it is
 */
export function run(
  replies: Reply[],
  more: Partial<Budget> = {},
  actions: Partial<Action>[] = [],
  judgments: Partial<Action>[] = [],
) {
  const judged: { work: Work; mayReturn: boolean }[] = [];
  const asked: Conversation[] = [];
  const acted: string[] = [];
  const work = workOnTask(
    {
      ask: async (turn, conversation) => {
        asked.push(structuredClone(conversation));
        return replies[turn - 1] ?? replies.at(-1) ?? reply([]);
      },
      act: async (turn, _, before) => {
        acted.push(before);
        return {
          results: [{ type: 'tool_result', tool_use_id: 'x', content: 'ok' }],
          checkpoint: `c${turn}`,
          outcome: null,
          durationMs: 0,
          ...actions[turn - 1],
        };
      },
      judge: async (_turn, _reply, action, work, mayReturn) => {
        judged.push({ work, mayReturn });
        return { ...action, ...judgments.shift() };
      },
      compact: async (_, conversation) => ({
        conversation: [{ role: 'user', content: [{ type: 'text', text: `short: ${conversation.length}` }] }],
        cost: { usage, dollars: 0.3 },
      }),
    },
    {
      conversation: [{ role: 'user', content: [{ type: 'text', text: 'do it' }] }],
      startCommit: 'base',
      budget: { ...budget, ...more },
      model: 'm',
      compactAt: 5000,
    },
  );
  return { work, asked, acted, judged };
}

export const submitted: NonNullable<Action['outcome']> = {
  kind: 'submitted',
  submission: {
    title: 't',
    summary: 's',
    migrations: [],
    endpoints: [],
    suggestions: [],
    openQuestions: [],
    answers: [],
  },
};
export const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => reply([['bash', { command: String(index) }]]));
