import type Anthropic from '@anthropic-ai/sdk';
import { describe, expect, test } from '@jest/globals';
import { toSendable } from '../../src/agent/model.js';

const text = (content: string) => ({ type: 'text', text: content, citations: null }) as Anthropic.TextBlock;

describe('toSendable', () => {
  test('removes text without a visible character, which the API refuses', () => {
    expect(toSendable([text(''), text('\n \n'), text('a')])).toEqual([text('a')]);
  });

  test('removes NUL and replaces half surrogate pairs in text and in the input of calls', () => {
    const call = {
      type: 'tool_use',
      id: 'x',
      name: 'bash',
      input: { command: 'a\0b\ud800', list: ['\0'] },
    } as unknown as Anthropic.ToolUseBlock;
    expect(toSendable([text('a\0b\udc00'), call])).toEqual([
      text('ab\ufffd'),
      { ...call, input: { command: 'ab\ufffd', list: [''] } },
    ]);
  });

  test('leaves thinking and unknown blocks as they are', () => {
    const blocks = [
      { type: 'thinking', thinking: '', signature: 's\0' },
      { type: 'redacted_thinking', data: 'x' },
      { type: 'made_up_tomorrow', text: '' },
    ] as unknown as Anthropic.ContentBlock[];
    expect(toSendable(blocks)).toEqual(blocks);
  });
});
