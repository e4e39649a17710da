import { expect, test } from '@jest/globals';
import type { Finding } from '../../src/evidence/evidence.js';
import { annotateMarks, describeCheckRun } from '../../src/messages/check-run.js';
import { escapeOnly } from '../../src/text/untrusted-text.js';
import { noEvidence } from '../evidence/no-evidence.js';

const finding = (more: Partial<Finding>): Finding => ({
  severity: 'mark',
  rule: 'secret',
  path: 'a.ts',
  says: 'contains what looks like a GitHub token',
  ...more,
});

test('marks are annotated at their lines; findings that block, or have no line, are not', () => {
  const findings = [finding({ line: 3 }), finding({}), finding({ severity: 'block', line: 4 })];
  expect(annotateMarks(findings)).toEqual([
    { path: 'a.ts', line: 3, message: 'This line contains what looks like a GitHub token.' },
  ]);
});

test('no more marks are annotated than GitHub takes at once', () => {
  expect(annotateMarks(Array.from({ length: 60 }, (_, index) => finding({ line: index + 1 })))).toHaveLength(
    50,
  );
});

test.each([
  ['passes if all tests of a command that did not exit passed', 'passed' as const, 'success'],
  ['is neutral if one of them failed, as before the change', 'failed' as const, 'neutral'],
])('the check %s', (_, outcome, conclusion) => {
  const after = {
    command: 'npm test',
    runner: 'mocha',
    exitCode: null,
    ended: 'did-not-exit' as const,
    durationMs: 1,
    granularity: 'per-test' as const,
    cases: [{ id: 'a', file: null, outcome }],
    outputTail: '',
  };
  const evidence = { ...noEvidence, before: after, after };
  expect(describeCheckRun(evidence, [], escapeOnly).conclusion).toBe(conclusion);
});
