import { describe, expect, test } from '@jest/globals';
import { markForCache } from '../../src/model/mark-for-cache.js';
import type { Conversation } from '../../src/model/model.js';

const block = (text: string) => ({ type: 'text' as const, text });
/** The marked blocks, each as `message.block`. */
const marks = (conversation: Conversation) =>
  markForCache(conversation).flatMap(({ content }, message) =>
    content.flatMap((one, at) => ('cache_control' in one && one.cache_control ? [`${message}.${at}`] : [])),
  );

describe('markForCache', () => {
  test('marks the newest block of any type and does not change the conversation', () => {
    const conversation: Conversation = [
      { role: 'user', content: [block('a')] },
      { role: 'assistant', content: [block('b')] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: 'c' }] },
    ];
    const copy = structuredClone(conversation);
    expect(marks(conversation)).toEqual(['2.0']);
    expect(conversation).toEqual(copy);
  });

  test('marks one more block if a turn adds more blocks than the API looks back', () => {
    const many = Array.from({ length: 25 }, (_, index) => block(String(index)));
    const found = marks([
      { role: 'user', content: [block('a')] },
      { role: 'assistant', content: [block('b')] },
      { role: 'user', content: many },
    ]);
    expect(found).toHaveLength(2);
    expect(found.at(-1)).toBe('2.24');
  });

  test('never marks thinking, where the API refuses a mark', () => {
    const thinking = { type: 'thinking' as const, thinking: 'x', signature: 's' };
    const found = marks([
      { role: 'user', content: [block('a')] },
      { role: 'assistant', content: [...Array(17).fill(block('b')), ...Array(5).fill(thinking)] },
      { role: 'user', content: [block('c')] },
    ]);
    expect(found).toEqual(['1.16', '2.0']);
  });
});
