import { replaceText } from '../../src/agent/tools/edit-text.js';
import type { TestRun } from '../../src/evidence/evidence.js';
import { parseReports } from '../../src/evidence/parse-reports.js';
import { type ProofRuns, proveTests } from '../../src/evidence/proof/prove-tests.js';
import { describeFailure } from '../../src/evidence/runners/parsers/describe-failure.js';
import { testCase } from '../../src/evidence/runners/parsers/test-case.js';
import { stripEscapes } from '../../src/text/strip-escapes.js';
import { nameAsker } from '../../src/workspace/set-up/name-asker.js';
import type { HostileInput } from './hostile-input.js';

const parse = (runner: string, text: string, printed = '') =>
  parseReports({ command: 'x', folder: '', runner, takesArguments: false }, [{ runner, text }], printed);
const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n');
const tests = Array.from({ length: 50_000 }, (_, at) => testCase(`a${at}.js`, ['t'], 'failed'));
const run = (cases: TestRun['cases']) =>
  ({ granularity: 'per-test', ended: 'exited', exitCode: 1, cases }) as unknown as TestRun;
const prove = (file: string, after: TestRun) => {
  const runs: ProofRuns = { before: null, after, onBase: run(tests), withoutData: null, again: null };
  return proveTests({ tests: [file], support: [], data: [], product: [] }, runs);
};
const passed = Array.from({ length: 50_000 }, (_, at) => testCase(`b${at}.js`, ['t'], 'passed'));

const inputs: [string, () => unknown][] = [
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
  [
    'a very long path in the output of an installation',
    () => nameAsker('node_modules/'.repeat(500_000), 'x.example:443'),
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
  ['very many files that could not be loaded', () => prove('b.js', run(passed))],
  [
    'names of very many levels in a proof',
    () =>
      prove(
        'x',
        run(
          Array.from({ length: 5000 }, (_, at) =>
            testCase(null, [`${at} › ${'a › '.repeat(1000)}`], 'passed'),
          ),
        ),
      ),
  ],

  [
    'the nearest lines in a file of many lines',
    () => replaceText('const a = b + c;\n'.repeat(100_000), 'const a = b + d;\n'.repeat(5000), '', 'f'),
  ],
  [
    'the nearest lines in a file with a long line',
    () => replaceText('a '.repeat(1_000_000), 'b '.repeat(1_000_000), '', 'f'),
  ],
];

/** What test code and files can make Pullwright read. */
export const reports: HostileInput[] = inputs.map(([name, work]) => ({ name, maxUnits: 250, work }));
