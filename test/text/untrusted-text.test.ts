import { describe, expect, test } from '@jest/globals';
import { composeText, escapeOnly, type UntrustedText } from '../../src/text/untrusted-text.js';

// Put together here, so that no scanner takes this file for a leak.
const password = 'Tr0ub4dor3';
const address = ['https', `//user:${password}@git.corp.io/x`].join(':');
/** Escaping puts a mark behind the `@`: then it finds nothing. */
const redactAddresses = async (text: string) => text.replace(/https:\/\/\w+:\w+@\w\S*/g, '[withheld]');

describe('composeText', () => {
  const ways: [string, (untrusted: UntrustedText, text: string) => string][] = [
    ['a line', (untrusted, text) => untrusted.line(text)],
    ['a statement', (untrusted, text) => untrusted.statement(text)],
    ['a quote', (untrusted, text) => untrusted.quote(text, 1000)],
    ['a name', (untrusted, text) => untrusted.name(text)],
    ['an output', (untrusted, text) => untrusted.output(text, 1000)],
    ['a title', (untrusted, text) => untrusted.title(text, 1000)],
    ['a message', (untrusted, text) => untrusted.plain(text, 1000)],
  ];
  test.each(ways)('redacts %s before it escapes it', async (_, place) => {
    const text = `see ${address} and @ada`;
    const composed = await composeText(
      (untrusted) => `The agent says: ${place(untrusted, text)}`,
      redactAddresses,
    );
    expect(composed).not.toContain(password);
    expect(composed).toMatch(/^The agent says:[\s\S]*\[withheld\] and @[\u200b ]ada/);
  });

  test('redacts a credential that only several texts make together', async () => {
    const live = 'a-live-value-of-this-process-7Q';
    const composed = await composeText(
      (untrusted) => ({
        title: untrusted.line(live.slice(0, 14)) + untrusted.line(live.slice(14)),
        other: 'as it is',
      }),
      async (text) => text.replaceAll(live, '[withheld]'),
    );
    expect(composed).toEqual({ title: '[withheld]', other: 'as it is' });
  });

  test('redacts each of many long texts by itself', async () => {
    const texts = Array.from({ length: 5 }, (_, index) => `${index} ${'word '.repeat(1000)}${address}`);
    const composed = await composeText(
      (untrusted) => texts.map((text) => untrusted.quote(text, 10_000)).join('\n'),
      redactAddresses,
    );
    expect(composed).not.toContain(password);
    expect(composed.match(/\[withheld\]/g)).toHaveLength(5);
  });
});

test.each([
  ['Return Map<String, List<T>> for $`x`', 'Return Map<String, List<T>> for $`x`'],
  ['See ![logo](x)', 'See ![logo](x)'],
  ['Add @Input()', 'Add @ Input()'],
  ['Do it [skip ci]', 'Do it [ skip ci]'],
  ['Fixes #12', 'F ixes #12'],
])('a title shows what was broken, and leaves code as it is: %s', (text, title) => {
  expect(escapeOnly.title(text, 100)).toBe(title);
  expect(escapeOnly.plain(`x\n${text}`, 100)).toBe(`x\n${title}`);
});
