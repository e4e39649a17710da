import type { TestRun } from '../../src/evidence/evidence.js';

/**
 * A run of tests with these outcomes, such as `{ 'a.test.js › adds': 'passed' }`. The part in front of the
 * first `›` is the file, if it looks like one. Without outcomes, the run has an exit code only.
 */
export function testRun(
  outcomes: Record<string, 'passed' | 'failed' | 'skipped'>,
  more: Partial<TestRun> = {},
): TestRun {
  const cases = Object.entries(outcomes).map(([id, outcome]) => {
    const [first = ''] = id.split(' › ');
    return { id, file: first.includes('.') ? first : null, outcome };
  });
  return {
    command: 'npm test',
    runner: 'jest',
    exitCode: cases.some(({ outcome }) => outcome === 'failed') ? 1 : 0,
    ended: 'exited',
    durationMs: 1,
    granularity: cases.length > 0 ? 'per-test' : 'exit-code',
    cases,
    outputTail: '',
    ...more,
  };
}
