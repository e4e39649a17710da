import type Anthropic from '@anthropic-ai/sdk';
import { expect, test } from '@jest/globals';
import { toSendable } from '../../src/agent/model.js';

const text = (said: string) => ({ type: 'text', text: said, citations: null }) as Anthropic.TextBlock;

test('text without a visible character is not sent back: the API refuses it', () => {
  expect(toSendable([text(''), text('\n \n'), text('a')])).toEqual([text('a')]);
});

test('what no program and no database takes is not in what a model says or calls', () => {
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

test('thinking, and blocks that are not known, stay as they are', () => {
  const blocks = [
    { type: 'thinking', thinking: '', signature: 's\0' },
    { type: 'redacted_thinking', data: 'x' },
    { type: 'made_up_tomorrow', text: '' },
  ] as unknown as Anthropic.ContentBlock[];
  expect(toSendable(blocks)).toEqual(blocks);
});
