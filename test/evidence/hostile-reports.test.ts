import { expect, test } from '@jest/globals';
import { parseReports } from '../../src/evidence/parse-reports.js';
import { stripEscapes } from '../../src/text/strip-escapes.js';

const parse = (runner: string, text: string, printed = '') =>
  parseReports({ command: 'x', folder: '', runner, takesArguments: false }, [{ runner, text }], printed);
const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n');

test('only the first 100,000 results of a report are read, and a note says so', () => {
  const text = lines(150_000, (at) => `{"file":"a.js","names":["${at}"],"outcome":"passed"}`);
  const { cases, note } = parse('mocha', text);
  expect(cases).toHaveLength(100_000);
  expect(note).toBe('only the first 100000 results were read; the runner ended before it had run all tests');
});

test('escape sequences of a terminal are removed, and no visible text is', () => {
  expect(stripEscapes('\u001B[1;31mFAIL\u001B[0m a\u001B]0;title\u0007b \u001B(Bc \u009B2Kd [31m')).toBe(
    'FAIL ab c d [31m',
  );
  // A sequence that is never closed takes no visible text with it.
  expect(stripEscapes('\u001B]0;title and the rest\nof it')).toBe('0;title and the rest\nof it');
});
