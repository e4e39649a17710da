import type Anthropic from '@anthropic-ai/sdk';
import { describe, expect, test } from '@jest/globals';
import { compact } from '../../src/agent/compaction/compact.js';
import type { Conversation, ModelRequest, Summary } from '../../src/model/model.js';

const text = (value: string): Anthropic.TextBlockParam => ({ type: 'text', text: value });
const opening: Conversation = [{ role: 'user', content: [text('the task')] }];
const turn = (id: string, size = 10): Conversation => [
  {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: '', signature: `s${id}` },
      { type: 'tool_use', id, name: 'bash', input: {} },
    ],
  },
  { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'x'.repeat(size) }] },
];
const conversationOf = (...turns: Conversation[]): Conversation => [...opening, ...turns.flat()];
const block = { type: 'compaction', content: 'what was done', signature: 's' } as never;
const usage = {
  inputTokens: 9,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  cacheReadTokens: 0,
  outputTokens: 3,
};

async function compactWith(summary: Summary | null, conversation: Conversation, start = opening) {
  const asked: Conversation[] = [];
  const model = {
    summarize: async (request: ModelRequest) => {
      asked.push(request.conversation);
      return summary;
    },
  };
  return { asked, ...(await compact(model, { conversation } as ModelRequest, start)) };
}
const idsOf = (conversation: Conversation) =>
  conversation.flatMap(({ content }) => content.flatMap((one) => (one.type === 'tool_use' ? [one.id] : [])));

describe('compact', () => {
  const summary: Summary = { block, usage, dollars: 0.2 };
  const long = conversationOf(turn('a'), turn('b'), turn('c'), turn('d'), turn('e'));

  test('replaces all but the newest turns by the summary and the task', async () => {
    const { asked, conversation, cost } = await compactWith(summary, long);
    expect(idsOf(asked[0] ?? [])).toEqual(['a', 'b']);
    expect(asked[0]?.at(-1)?.role).toBe('user');
    expect(conversation[0]).toEqual({ role: 'assistant', content: [block] });
    expect(conversation[1]?.content).toEqual([expect.objectContaining({ type: 'text' }), text('the task')]);
    expect(idsOf(conversation)).toEqual(['c', 'd', 'e']);
    expect(conversation.map(({ role }) => role)).toEqual([
      'assistant',
      'user',
      ...['assistant', 'user', 'assistant', 'user', 'assistant', 'user'],
    ]);
    expect(cost).toEqual({ usage, dollars: 0.2 });
  });

  test('sends no thinking blocks of the newest turns, because their signatures are no longer valid', async () => {
    const { conversation } = await compactWith(summary, long);
    expect(JSON.stringify(conversation)).not.toContain('thinking');
  });

  test('repeats the task and the newest feedback of a run that continues another', async () => {
    const start: Conversation = [
      ...opening,
      ...turn('old'),
      { role: 'assistant', content: [text('submitted')] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'z' }, text('the review')] },
    ];
    const { conversation } = await compactWith(summary, [...start, ...turn('a'), ...turn('b')], start);
    expect(conversation[1]?.content.slice(1)).toEqual([text('the task'), text('the review')]);
  });

  test('summarizes the newest turns too if they are very long', async () => {
    const { asked, conversation } = await compactWith(
      summary,
      conversationOf(turn('a'), turn('b', 200_000), turn('c', 100)),
    );
    expect(idsOf(asked[0] ?? [])).toEqual(['a', 'b']);
    expect(idsOf(conversation)).toEqual(['c']);
  });

  test('removes the earlier turns if the API makes no summary', async () => {
    const { conversation, cost } = await compactWith(null, long);
    expect(conversation[0]).toEqual({
      role: 'user',
      content: [text(expect.stringMatching(/^\[The earlier turns were removed/) as never), text('the task')],
    });
    expect(idsOf(conversation)).toEqual(['c', 'd', 'e']);
    expect(cost.dollars).toBe(0);
  });
});
