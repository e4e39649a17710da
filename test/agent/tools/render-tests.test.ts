import { describe, expect, test } from '@jest/globals';
import { maxShown } from '../../../src/agent/tools/cut-output.js';
import { renderRun } from '../../../src/agent/tools/render-tests.js';
import type { DetailedRun } from '../../../src/evidence/run-tests.js';

/** Creates a run with one test that passed and these that failed. */
function createRun(failures: DetailedRun['failures'], output = '', exitCode = 1): DetailedRun {
  const failed = failures.map(({ id }) => ({ id, file: 'a.js', outcome: 'failed' as const }));
  const run: DetailedRun['run'] = {
    ...{ command: 'npm test', runner: 'jest', exitCode, ended: 'exited', durationMs: 1 },
    granularity: 'per-test',
    cases: [{ id: 'a.js › works', file: 'a.js', outcome: 'passed' }, ...failed],
    outputTail: output.slice(-4000),
  };
  return { run, failures, output, outputEnd: output.slice(-4000) };
}

describe('renderRun', () => {
  test('shows the error, what the test printed, and the end of the output', () => {
    const failure = { id: 'a.js › fails', error: 'Error: boom\n    at a.js:1:2', output: 'hello' };
    expect(renderRun(createRun([failure], '1 failing')).text).toBe(
      '1 passed, 1 failed, 0 skipped (exit code 1)\n\nFAILED a.js › fails\nError: boom\n    at a.js:1:2\nPrinted:\nhello\n\nThe end of the output:\n1 failing',
    );
  });

  test('names no file if nothing is left out', () => {
    expect(renderRun(createRun([{ id: 'a', error: 'boom', output: '' }], 'end'))).not.toHaveProperty('full');
    expect(renderRun(createRun([], 'much output', 0))).toEqual({
      text: '1 passed, 0 failed, 0 skipped (exit code 0)',
    });
  });

  test('shows the whole output if the command failed and no test did', () => {
    expect(renderRun(createRun([], 'lint: a.js has a fault', 3)).text).toBe(
      '1 passed, 0 failed, 0 skipped (exit code 3)\nlint: a.js has a fault',
    );
  });

  test.each([1, 5, 20, 1000])('stays below the length of a result with %s long failures', (count) => {
    const failures = Array.from({ length: count }, (_, at) => ({
      id: `test/${at}.js › ${'name '.repeat(80)}`,
      error: `Error: first line ${at}\n${'x'.repeat(9000)}\n    at last frame ${at}`,
      output: 'y'.repeat(9000),
    }));
    const { text, full = '' } = renderRun(createRun(failures, 'z'.repeat(9000)));
    expect(text.length).toBeLessThan(maxShown);
    expect(text.length).toBeGreaterThan(4000);
    expect(text).toMatch(/FAILED test\/0\.js [\s\S]*first line 0\n[\s\S]*last frame 0\nPrinted:\ny/);
    expect(full).toContain(`first line ${count - 1}\n`);
    expect(full).toContain('z'.repeat(9000));
  });

  test('lists the failures without room for details, and counts the rest', () => {
    const failures = Array.from({ length: 300 }, (_, at) => ({ id: `t${at}`, error: 'e', output: '' }));
    const { text } = renderRun(createRun(failures));
    expect(text).toContain('FAILED t19\ne\n\nFAILED t20\nFAILED t21\n');
    expect(text).toMatch(/\nand \d+ more failures$/);
  });
});
