import { describe, expect, test } from '@jest/globals';
import { redactSecrets } from '../../../src/secrets/find-secrets.js';
import { composeText, type Words } from '../../../src/text/old/words.js';

// Put together here, so that no scanner takes this file for a leak.
const password = 'Tr0ub4dor3';
const withholdAll = (text: string) => redactSecrets(text, []);

describe('composeText', () => {
  const ways: [string, (words: Words, text: string) => string][] = [
    ['a line', (words, text) => words.line(text)],
    ['an answer', (words, text) => words.said(text)],
    ['a quote', (words, text) => words.quoted(text, 1000)],
    ['a name', (words, text) => words.span(text)],
    ['an output', (words, text) => words.block(text, 1000)],
    ['a title', (words, text) => words.title(text, 1000)],
    ['a message', (words, text) => words.plain(text, 1000)],
  ];
  test.each(ways)(
    'withholds before it cleans, in %s: no mark that cleaning sets hides a credential',
    async (_, say) => {
      const text = `see ${['https', `//user:${password}@git.corp.io/x`].join(':')} and @ada`;
      const composed = await composeText((words) => `Said: ${say(words, text)}`, withholdAll);
      expect(composed).not.toContain(password);
      expect(composed).toMatch(/Said:[\s\S]*\[redacted\][\s\S]* and @\u200bada/);
    },
  );

  test('withholds what only several words together make', async () => {
    const live = 'a-live-value-of-this-process-7Q';
    const composed = await composeText(
      (words) => ({ title: words.line(live.slice(0, 15)) + words.line(live.slice(15)), other: 'as it is' }),
      (text) => redactSecrets(text, [live]),
    );
    expect(composed).toEqual({ title: '[redacted]', other: 'as it is' });
  });
});
