import type Anthropic from '@anthropic-ai/sdk';
import { describe, expect, test } from '@jest/globals';
import { numbered, reply, run, submitted, usage } from './run-loop.js';

describe('workOnTask', () => {
  test('asks, acts on the checkpoint before, and ends with the submission', async () => {
    const { work, asked, acted } = run(numbered(2), {}, [{}, { outcome: submitted }]);
    expect(await work).toMatchObject({
      checkpoint: 'c2',
      outcome: submitted,
      spend: { turns: 2, cacheReadTokens: 60, dollars: 0.2 },
    });
    expect(acted).toEqual(['base', 'c1']);
    expect(asked[1]?.slice(0, 1)).toEqual(asked[0]);
    expect(asked[1]?.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  });

  test.each([
    ['turns', { turns: 3 }, 'its limit of 3 turns was reached', 3],
    ['tokens', { tokens: 150 }, 'its limit of 150 tokens was reached', 2],
    ['dollars', { dollars: 0.25 }, 'its limit of $0.25 was reached', 3],
  ])('ends at the limit of %s and keeps the last checkpoint', async (_, limit, reason, turns) => {
    const work = await run(numbered(10), limit).work;
    expect(work).toMatchObject({
      checkpoint: `c${turns}`,
      outcome: { kind: 'budget', reason },
      spend: { turns },
    });
  });

  test('ends at the limit of time', async () => {
    const slow = numbered(3).map((one) => ({ ...one, durationMs: 3 * 60_000 }));
    const { work } = run(slow, {}, [{}, { durationMs: 4 * 60_000 }]);
    expect(await work).toMatchObject({
      outcome: { kind: 'budget', reason: 'its limit of 10 minutes was reached' },
      spend: { turns: 2 },
    });
  });

  test('does not count the time that the run waits between two replies', async () => {
    const hour = 3_600_000;
    const late = numbered(3).map((one, index) => ({ ...one, at: 1000 + index * hour, durationMs: 60_000 }));
    const { work } = run(late, { minutes: 30 }, [{}, {}, { outcome: submitted }]);
    expect(await work).toMatchObject({ outcome: submitted, spend: { turns: 3 } });
  });

  test('counts abandoned replies, and ends when they have used up the budget', async () => {
    const abandoned = { usage, dollars: 0.3 };
    const unaffordable = reply([], {
      ...{ stopReason: 'unaffordable', stoppedReason: 'its limit of $1 was reached' },
      usage: {
        inputTokens: 0,
        cacheWriteTokens: 0,
        cacheWrite1hTokens: 0,
        cacheReadTokens: 0,
        outputTokens: 0,
      },
      ...{ dollars: 0, abandoned },
    });
    const work = await run([{ ...reply([['bash', { command: 'x' }]]), abandoned }, unaffordable]).work;
    expect(work).toMatchObject({
      outcome: { kind: 'budget', reason: 'its limit of $1 was reached' },
      spend: { turns: 1, outputTokens: 120, dollars: 0.7 },
    });
  });

  test('reports no cost if the price of the model is not known, and ends if a limit in dollars applies', async () => {
    const unpriced = numbered(3).map((one) => ({ ...one, dollars: null }));
    expect(await run(unpriced, { dollars: null, turns: 3 }).work).toMatchObject({
      outcome: { reason: 'its limit of 3 turns was reached' },
      spend: { turns: 3, dollars: null },
    });
    expect(await run(unpriced, { dollars: 1, turns: 3 }).work).toMatchObject({
      outcome: { reason: 'the price of its model is no longer known, so its limit of $1 cannot hold' },
      spend: { turns: 1 },
    });
  });

  test('puts warnings about the budget in a block of their own, after the results', async () => {
    const { work, asked } = run(numbered(5), { turns: 5 });
    await work;
    expect(asked[2]?.at(-1)?.content).toEqual([
      { type: 'tool_result', tool_use_id: 'x', content: 'ok' },
      {
        type: 'text',
        text: 'You have used 2 turns of your budget of 5 turns. Get the work ready for review now and call submit.',
      },
    ]);
    expect(asked[1]?.at(-1)?.content).toHaveLength(1);
  });

  test('compacts a conversation that is too long, once, and goes on with the shorter one', async () => {
    const long = reply([['bash', { command: 'x' }]], { usage: { ...usage, cacheReadTokens: 5000 } });
    const { work, asked } = run([long, ...numbered(2)], { turns: 3 });
    const { spend } = await work;
    expect(asked[1]).toEqual([{ role: 'user', content: [{ type: 'text', text: 'short: 3' }] }]);
    expect(asked[2]).toHaveLength(3);
    expect(spend.dollars).toBeCloseTo(0.6);
  });

  test('compacts a conversation that the API refuses as too long, and ends if it is refused again', async () => {
    const overflow = reply([], { stopReason: 'context-overflow', dollars: 0 });
    const { work, asked } = run([...numbered(1), overflow, ...numbered(1)], { turns: 3 });
    expect((await work).outcome.kind).toBe('budget');
    expect(asked[2]).toEqual([{ role: 'user', content: [{ type: 'text', text: 'short: 3' }] }]);
    expect((await run([overflow]).work).outcome).toEqual({
      kind: 'budget',
      reason: "the conversation no longer fits into the model's context",
    });
  });

  test('counts what it cost to keep the cache', async () => {
    const { work } = run(numbered(2), { turns: 2 }, [{ cost: { usage, dollars: 0.5 } }]);
    expect(await work).toMatchObject({ spend: { turns: 2, dollars: 0.7, cacheReadTokens: 90 } });
  });

  test('leaves thinking blocks out of later requests after the API refused them', async () => {
    const thinking = { type: 'thinking', thinking: '', signature: 's' } as Anthropic.ContentBlock;
    const first = reply([['bash', { command: 'a' }]]);
    const { work, asked } = run(
      [
        { ...first, content: [thinking, ...first.content] },
        { ...first, droppedThinking: true },
        ...numbered(1),
      ],
      { turns: 3 },
    );
    await work;
    expect(JSON.stringify(asked[1])).toContain('"thinking"');
    expect(JSON.stringify(asked[2])).not.toContain('"thinking"');
  });

  test('ends when the model makes the same call four times in a row', async () => {
    const work = await run([reply([['bash', { command: 'x' }]])]).work;
    expect(work).toMatchObject({
      outcome: { kind: 'gave-up', reason: 'it made the same call 4 times in a row' },
      spend: { turns: 4 },
    });
  });

  test('asks an agent that calls no tool to call one, and ends if it never does', async () => {
    const { work, asked } = run([reply([], { content: [{ type: 'text', text: 'done', citations: null }] })]);
    expect(await work).toMatchObject({ outcome: { kind: 'gave-up' }, spend: { turns: 3 } });
    expect(JSON.stringify(asked[1]?.at(-1))).toContain('Call submit');
  });

  describe('continues a paused turn', () => {
    const text = (words: string) => [{ type: 'text', text: words }] as Anthropic.ContentBlock[];
    const paused = (words: string) => reply([], { content: text(words), stopReason: 'pause_turn' });

    test('with the reply as the last message, as it is', async () => {
      const end = reply([['submit', {}]]);
      const { work, asked } = run([paused('a'), paused('b'), end], {}, [{}, {}, { outcome: submitted }]);
      expect(await work).toMatchObject({ outcome: submitted, spend: { turns: 3 } });
      expect(asked[2]?.slice(1)).toEqual([
        { role: 'assistant', content: text('a') },
        { role: 'assistant', content: text('b') },
      ]);
    });

    test('only five times in a row, and then asks for a call', async () => {
      const { work, asked } = run(
        Array.from({ length: 8 }, () => paused('a')),
        {},
      );
      expect(await work).toMatchObject({ outcome: { reason: 'it stopped without submitting its work' } });
      expect(asked).toHaveLength(8);
      expect(asked[5]?.at(-1)?.role).toBe('assistant');
      expect(asked[6]?.at(-1)).toMatchObject({
        role: 'user',
        content: [{ text: expect.stringMatching(/^You called no tool\./) }],
      });
    });

    test('not if it contains calls, which need results', async () => {
      const call = { ...reply([['bash', { command: 'x' }]]), stopReason: 'pause_turn' };
      const { work, acted } = run([call, reply([['submit', {}]])], {}, [{}, { outcome: submitted }]);
      await work;
      expect(acted).toEqual(['base', 'c1']);
    });
  });

  test('stores an empty reply as a message with content', async () => {
    const { work, asked } = run([reply([], { content: [] }), ...numbered(1)], { turns: 2 });
    await work;
    expect(asked[1]?.map(({ role, content }) => [role, content.length > 0])).toEqual([
      ['user', true],
      ['assistant', true],
      ['user', true],
    ]);
  });

  test('tells the model that its reply was cut off at its length limit', async () => {
    const { work, asked } = run(
      [
        reply([], { stopReason: 'max_tokens', content: [{ type: 'text', text: 'and', citations: null }] }),
        ...numbered(1),
      ],
      { turns: 2 },
    );
    await work;
    expect(JSON.stringify(asked[1]?.at(-1))).toContain('length limit');
  });

  test.each([
    ['refusal', 'gave-up'],
    ['context-overflow', 'budget'],
  ])('keeps the last checkpoint when a reply ends with %s', async (stopReason, kind) => {
    const work = await run([...numbered(1), reply([], { stopReason })]).work;
    expect(work).toMatchObject({ checkpoint: 'c1', outcome: { kind } });
  });
});

describe('submitted work', () => {
  const submit = reply([['submit', {}]]);
  const returned = {
    outcome: null,
    deferredOutcome: submitted,
    returned: ['1 test newly fails'],
    results: [{ type: 'tool_result' as const, tool_use_id: 'x', content: 'Not accepted yet: …' }],
  };

  test('knows what the tests wrote last, and whether only they wrote it', async () => {
    const write = (path: string, before: string | null, blob: string | null, wasClean = false) => ({
      ...{ path, before, blob, wasClean },
    });
    const actions = [
      {
        testsWrote: [
          write('counter', 'c0', 'c1', true),
          write('edited', 'e1', 'e2'),
          write('gone', 'g', null, true),
        ],
      },
      {
        testsWrote: [
          write('counter', 'c1', 'c2'),
          write('other', null, 'o', true),
          write('gone', null, 'g2'),
        ],
      },
      { outcome: submitted, testsWrote: [write('other', 'changed', 'o2')] },
    ];
    const { work } = run([submit, submit, submit], {}, actions);
    expect((await work).testsWrote).toEqual([
      { path: 'counter', blob: 'c2', isSure: true },
      { path: 'edited', blob: 'e2', isSure: false },
      { path: 'gone', blob: 'g2', isSure: true },
      { path: 'other', blob: 'o2', isSure: false },
    ]);
  });

  test('goes on with the evidence if it is returned, and names what was returned', async () => {
    const actions = [
      { outcome: submitted, ignoredFiles: ['a'], edited: ['e'], keep: ['k'] },
      { outcome: submitted, ignoredFiles: ['b'], edited: ['e'], keep: ['l'] },
    ];
    const { work, asked, judged } = run([submit, submit], {}, actions, [returned]);
    expect(await work).toMatchObject({
      checkpoint: 'c2',
      outcome: submitted,
      returns: [{ checkpoint: 'c1', kept: 1, because: ['1 test newly fails'] }],
      ignoredFiles: ['a', 'b'],
      edited: ['e'],
      keep: ['k', 'l'],
    });
    expect(asked[1]?.at(-1)?.content).toEqual(returned.results);
    expect(judged.map(({ work: { checkpoint, returns } }) => [checkpoint, returns.length])).toEqual([
      ['c1', 0],
      ['c2', 1],
    ]);
  });

  test('is judged in the last turn of the budget too, but cannot be returned', async () => {
    const actions = [{ outcome: submitted }, { outcome: submitted }];
    const { work, judged } = run([submit, submit], { turns: 2 }, actions, [returned]);
    expect((await work).outcome).toEqual(submitted);
    expect(judged.map(({ mayReturn }) => mayReturn)).toEqual([true, false]);
  });

  test('is not judged if the agent asks a question', async () => {
    const question = { outcome: { kind: 'asked' as const, questions: ['?'] } };
    const { work, judged } = run([reply([['ask_question', {}]])], {}, [question]);
    expect((await work).outcome).toEqual(question.outcome);
    expect(judged).toEqual([]);
  });
});

test('an outcome that new messages deferred counts if the budget allows no further turn', async () => {
  const deferred = [{ outcome: null, deferredOutcome: submitted }];
  const { work } = run([reply([['submit', {}]])], { turns: 1 }, deferred);
  expect((await work).outcome).toEqual(submitted);
  const { work: continued } = run([reply([['submit', {}]])], { turns: 2 }, [
    ...deferred,
    { outcome: submitted },
  ]);
  expect((await continued).spend.turns).toBe(2);
});
