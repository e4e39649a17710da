import { expect, test } from '@jest/globals';
import type { Finding } from '../../src/evidence/evidence.js';
import { annotateMarks } from '../../src/messages/check-run.js';

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
