import { describe, expect, test } from '@jest/globals';
import { describeFaults } from '../../src/agent/describe-faults.js';
import type { Finding } from '../../src/evidence/evidence.js';
import type { Fault } from '../../src/evidence/find-faults.js';
import { summarizeFault } from '../../src/messages/summarize-fault.js';

const failed = (id: string) => ({ id, error: '1 !== 2', output: '' });
const finding = (path: string, says: string, line?: number): Finding => ({
  ...{ severity: 'mark', rule: '', path, says },
  ...(line && { line }),
});
const end =
  '\n\nFix this, then call submit again. If something is intended, say so in the summary and call submit again.';

describe('a fault of submitted work is described to the agent and to people', () => {
  test.each<[Fault, string, string]>([
    [
      { kind: 'packages', reasons: ['package-lock.json does not fit its manifest.'] },
      'the packages of your change have faults.\n- package-lock.json does not fit its manifest.',
      'the packages do not fit or cannot be installed',
    ],
    [
      { kind: 'newly-failing', tests: [failed('a'), failed('b')] },
      '2 tests fail with your change and did not fail before it.\n\nFAILED a\n1 !== 2\n\nFAILED b\n1 !== 2',
      '2 tests newly fail',
    ],
    [
      { kind: 'lost', count: 1, removed: ['a', 'b'] },
      '1 test that ran before your change is missing or skipped now, among these 2.\n- a\n- b',
      '1 test is missing or skipped',
    ],
    [
      { kind: 'command-fails', reasons: ['The tests did not finish.'], output: 'x'.repeat(5000) },
      `the result of the tests got worse: The tests did not finish. The end of their output:\n${'x'.repeat(3000)}`,
      'the test command newly fails',
    ],
    [
      { kind: 'unreached', places: [{ file: 'src/a.js', lines: [3, 7, 8, 9] }] },
      'no test runs these lines of your change.\n- src/a.js 3, 7–9\nAdd or extend tests that run them and check what they do, unless no test can.',
      'no test runs 4 changed lines',
    ],
    [
      { kind: 'unnoticed', mutations: [{ file: 'src/a.js', line: 3, was: '<=', now: '<' }] },
      'your tests still pass if your change has one of these faults.\n- src/a.js 3: `<` for `<=`\nAdd or extend tests that fail with each of them, unless a fault makes no difference.',
      'the tests do not notice 1 small fault',
    ],
    [
      { kind: 'unproven', files: [] },
      'no test shows what your change does: you added and changed none.\nAdd a test that fails without your change, unless the behavior stays the same or no test can show it.',
      'no test proves the change',
    ],
    [
      { kind: 'unproven', files: ['a.test.js'] },
      'no test shows what your change does: every test that you added or changed also passes without your change.\nAdd a test that fails without your change, unless the behavior stays the same or no test can show it.',
      'no test proves the change',
    ],
    [
      { kind: 'blocked', findings: [finding('ci.yml', 'is a workflow')] },
      'your change contains what Pullwright never pushes.\n- ci.yml is a workflow\nUndo it. As long as it is there, nothing of your work is pushed.',
      'the change contains what is never pushed',
    ],
    [
      { kind: 'look-alike', findings: [finding('a', 'contains what looks like a token', 2)] },
      'your change contains what looks like credentials.\n- a:2 contains what looks like a token\nRemove each of them: read the value from the environment or, in tests and examples, use one that is obviously fake. If one stays, the pull request becomes a draft that shows the place to reviewers.',
      'what looks like credentials is in 1 place',
    ],
    [
      { kind: 'lockfile', findings: [finding('go.mod', 'requires x')] },
      'a lockfile does not fit its manifest.\n- go.mod requires x',
      'a lockfile does not fit its manifest',
    ],
    [
      { kind: 'unsure', findings: [finding('dist/a', '')] },
      'the tests or a build may have written these files of your change.\n- dist/a\nDelete or restore those that do not belong to the change. Name the others in `keep` of submit.',
      '1 file may be left behind by the tests or a build',
    ],
    [
      {
        kind: 'undeclared-api',
        differences: [{ file: 'a.yaml', level: 'breaking', says: 'GET /a is removed' }],
      },
      'your change breaks the API for its clients, and your submission names no changed endpoint.\n- a.yaml: GET /a is removed\nKeep the API compatible. If the issue asks for this, name it in `endpoints` of submit.',
      '1 breaking API change is not in the submission',
    ],
    [
      { kind: 'ignored', findings: [finding('a', 'is ignored'), finding('b', 'is ignored')] },
      'git ignores files that you created, so they are not part of your change.\n- a\n- b\nMove them, or change the ignore rule. Delete what does not belong to the change.',
      'git ignores 2 new files',
    ],
  ])('%#', (fault, text, summary) => {
    expect(describeFaults([fault])).toBe(text + end);
    expect(summarizeFault(fault)).toBe(summary);
  });

  test('all faults are in one text, and a long list is cut', () => {
    const many = Array.from({ length: 30 }, (_, index) => `t${index}`);
    const text = describeFaults([
      { kind: 'lost', count: 30, removed: many },
      { kind: 'unproven', files: [] },
    ]);
    expect(text).toContain('\n\nAlso, no test shows what your change does');
    expect(text).toContain('\n- t19\n- and 10 more\n');
  });
});
