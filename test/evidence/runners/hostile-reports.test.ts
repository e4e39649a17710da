import { describe, expect, test } from '@jest/globals';
import type { TestRun } from '../../../src/evidence/evidence.js';
import type { Runner } from '../../../src/evidence/find-commands.js';
import { proveTests } from '../../../src/evidence/prove-tests.js';
import { parseReports } from '../../../src/evidence/runners/parse-reports.js';
import { testCase } from '../../../src/evidence/runners/test-case.js';
import { stripEscapes } from '../../../src/text/strip-escapes.js';

const parse = (runner: Runner, name: string, text: string, printed = '') =>
  parseReports({ command: 'x', runner, takesArguments: false }, [{ name, text }], printed);
const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n');

describe('what tests print and report is read in a time that is linear in its length, whatever it is', () => {
  const tests = Array.from({ length: 50_000 }, (_, at) => testCase(`a${at}.js`, ['t'], 'failed'));
  const run = (cases: TestRun['cases']) =>
    ({ granularity: 'per-test', ended: 'exited', exitCode: 1, cases }) as unknown as TestRun;
  const passed = Array.from({ length: 50_000 }, (_, at) => testCase(`b${at}.js`, ['t'], 'passed'));

  test.each<[string, () => unknown]>([
    ['an escape that is never closed', () => stripEscapes(`\u001B${';?'.repeat(2_000_000)}`)],
    ['one of numbers', () => stripEscapes(`\u001B[${'1;'.repeat(2_000_000)}`)],
    ['many of them', () => stripEscapes('\u001B]0;'.repeat(1_000_000))],
    ['the message of a test', () => testCase('a.js', ['t'], 'failed', `\u001B${';?'.repeat(2_000_000)}`)],
    ['a name', () => testCase('a.js', [' › '.repeat(1_000_000)], 'failed')],
    ['cargo: a long line', () => parse('cargo', '', '', `test ${' ... '.repeat(200_000)}`)],
    ['cargo: messages without an end', () => parse('cargo', '', '', '---- a stdout ----\n'.repeat(200_000))],
    [
      'go: packages that fail',
      () =>
        parse(
          'go',
          '/go.jsonl',
          lines(100_000, (at) => `{"Action":"fail","Package":"p${at}"}`),
        ),
    ],
    [
      'what could not be loaded',
      () => proveTests(['b.js'], { before: null, after: run(passed), onBase: run(tests) }),
    ],
    [
      'a proof by names of many levels',
      () =>
        proveTests(['x'], {
          before: null,
          after: run(
            Array.from({ length: 5000 }, (_, at) =>
              testCase(null, [`${at} › ${'a › '.repeat(1000)}`], 'passed'),
            ),
          ),
          onBase: run(tests),
        }),
    ],
  ])('%s', (_, read) => {
    const started = Date.now();
    read();
    expect(Date.now() - started).toBeLessThan(5000);
  });
});

test('a report of very many results is read up to a number, and that is said', () => {
  const text = lines(150_000, (at) => `{"file":"a.js","names":["${at}"],"outcome":"passed"}`);
  const { cases, note } = parse('mocha', '/mocha-1.jsonl', text);
  expect(cases).toHaveLength(100_000);
  expect(note).toContain('no more than 100000 results are read');
});

test('escapes of a terminal are taken out, and nothing that people read', () => {
  expect(stripEscapes('\u001B[1;31mFAIL\u001B[0m a\u001B]0;title\u0007b \u001B(Bc \u009B2Kd [31m')).toBe(
    'FAIL ab c d [31m',
  );
  // One that is never closed takes only itself.
  expect(stripEscapes('\u001B]0;title and the rest\nof it')).toBe('0;title and the rest\nof it');
});
