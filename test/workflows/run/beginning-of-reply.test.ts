import { describe, expect, test } from '@jest/globals';
import { cutText, readBeginning } from '../../../src/workflows/run/turn/beginning-of-reply.js';

const read = (...content: object[]) => readBeginning({ content: content as never });

describe('readBeginning', () => {
  test('returns the first paragraph of the text on one line, or of the thinking if there is no text', () => {
    const thinking = { type: 'thinking', thinking: '\nI look\nfirst.\n\nThen I write.' };
    expect(read(thinking, { type: 'tool_use' })).toBe('I look first.');
    expect(read(thinking, { type: 'text', text: 'I add a test.' })).toBe('I add a test.');
    expect(read({ type: 'tool_use' })).toBe('');
  });
});

describe('cutText', () => {
  test('cuts at the end of a sentence, or else at the end of a word', () => {
    const words = 'word '.repeat(30).trim();
    expect(cutText(`${words}. Yes.`)).toBe(`${words}. Yes.`);
    expect(cutText(`${words}. ${words}.`)).toBe(`${words}.`);
    expect(cutText(`Yes. ${words} ${words}`)).toBe(`Yes. ${'word '.repeat(38).trim()}…`);
    expect(cutText('x'.repeat(300))).toBe(`${'x'.repeat(199)}…`);
  });
});
