import { describe, expect, test } from '@jest/globals';
import type { TestRun } from '../../src/evidence/evidence.js';
import { parseReports } from '../../src/evidence/parse-reports.js';
import { proveTests } from '../../src/evidence/prove-tests.js';
import { describeFailure } from '../../src/evidence/runners/parsers/describe-failure.js';
import { testCase } from '../../src/evidence/runners/parsers/test-case.js';
import { stripEscapes } from '../../src/text/strip-escapes.js';
import { measureCpu } from '../support/measure-cpu.js';

const parse = (runner: string, text: string, printed = '') =>
  parseReports({ command: 'x', runner, takesArguments: false }, [{ runner, text }], printed);
const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n');

describe('hostile output and reports are read in a time that is linear in their length', () => {
  const tests = Array.from({ length: 50_000 }, (_, at) => testCase(`a${at}.js`, ['t'], 'failed'));
  const run = (cases: TestRun['cases']) =>
    ({ granularity: 'per-test', ended: 'exited', exitCode: 1, cases }) as unknown as TestRun;
  const passed = Array.from({ length: 50_000 }, (_, at) => testCase(`b${at}.js`, ['t'], 'passed'));

  test.each<[string, () => unknown]>([
    ['an escape sequence that is never closed', () => stripEscapes(`\u001B${';?'.repeat(2_000_000)}`)],
    ['an escape sequence of very many numbers', () => stripEscapes(`\u001B[${'1;'.repeat(2_000_000)}`)],
    ['very many escape sequences', () => stripEscapes('\u001B]0;'.repeat(1_000_000))],
    [
      'an escape sequence in the message of a test',
      () => testCase('a.js', ['t'], 'failed', { message: `\u001B${';?'.repeat(2_000_000)}` }),
    ],
    [
      'a stack of very many frames in very long lines',
      () =>
        describeFailure({
          trace: lines(
            20_000,
            (at) => `    at ${'( '.repeat(at % 500)}/workspace/a.js:${at}${':1'.repeat(500)}`,
          ),
        }),
    ],
    ['a very long name of a test', () => testCase('a.js', [' › '.repeat(1_000_000)], 'failed')],
    ['a very long line of cargo', () => parse('cargo', '', `test ${' ... '.repeat(200_000)}`)],
    ['messages of cargo that never end', () => parse('cargo', '', '---- a stdout ----\n'.repeat(200_000))],
    [
      'very many failing packages of go',
      () =>
        parse(
          'go',
          lines(100_000, (at) => `{"Action":"fail","Package":"p${at}"}`),
        ),
    ],
    [
      'very many files that could not be loaded',
      () => proveTests(['b.js'], { before: null, after: run(passed), onBase: run(tests) }),
    ],
    [
      'names of very many levels in a proof',
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
  ])('%s', async (_, read) => {
    expect(await measureCpu(read)).toBeLessThan(250);
  });
});

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
