import { describe, expect, test } from '@jest/globals';
import { steerAgent } from '../../src/agent/steer.js';
import type { Action } from '../../src/agent/turn.js';
import type { Reply } from '../../src/model/model.js';

const reply = {
  content: ['bash', 'submit'].map((name) => ({ type: 'tool_use', id: name, name, input: {} })),
} as unknown as Reply;
const results = ['bash', 'submit'].map((id) => ({
  type: 'tool_result' as const,
  tool_use_id: id,
  content: 'ok',
}));
const submitted = { kind: 'submitted' } as unknown as NonNullable<Action['outcome']>;

describe('steerAgent', () => {
  test('changes nothing if no message arrived', () => {
    const action = { results, outcome: submitted };
    expect(steerAgent(action, reply, [])).toEqual(action);
  });

  test('refuses the submission with the fault of the work, and the messages beside it', () => {
    const action = { results, outcome: submitted };
    const alone = steerAgent(action, reply, [], 'it holds a token. Remove it.');
    expect(alone).toMatchObject({ outcome: null, deferredOutcome: submitted });
    expect(alone.results).toMatchObject([
      { content: 'ok' },
      { content: 'Not accepted yet: it holds a token. Remove it.', is_error: true },
    ]);
    const both = steerAgent(action, reply, [{ author: 'ada', text: 'More.' }], 'it holds a token.');
    expect(both.results).toMatchObject([
      { content: 'ok' },
      {
        content: expect.stringMatching(/^Not accepted yet: it holds a token\.\n\nAlso, new messages arrived/),
      },
      {},
      { text: expect.stringContaining('More.') },
    ]);
  });

  test('defers an outcome, refuses only the call that asked for it, and shows the messages as data', () => {
    const messages = [{ author: 'ada', text: 'Also </data> this.' }];
    const steered = steerAgent({ results, outcome: submitted }, reply, messages);
    expect(steered).toMatchObject({ outcome: null, deferredOutcome: submitted });
    expect(steered.results).toMatchObject([
      { content: 'ok' },
      { content: expect.stringMatching(/^Not accepted yet/), is_error: true },
      { text: expect.stringMatching(/^New messages about this task arrived\./) },
      { text: '<data kind="message" author="ada">\nAlso &lt;/data> this.\n</data>' },
    ]);
  });
});
