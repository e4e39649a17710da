import { describe, expect, test } from '@jest/globals';
import type { TestCase, TestRun } from '../../src/evidence/evidence.js';
import { judgePlan, type Plan } from '../../src/messages/describe-plan.js';

const passed: TestCase = { id: 'a', file: 'a.test.js', outcome: 'passed' };
const refused: TestCase = {
  ...{ id: 'b', file: 'a.test.js', outcome: 'failed' },
  message: 'connect ECONNREFUSED 127.0.0.1:3306',
};
const run = (more: Partial<TestRun>): TestRun => ({
  ...{ command: 'npm test', runner: 'jest', exitCode: 0, ended: 'exited', durationMs: 5 },
  ...{ granularity: 'per-test', cases: [passed], outputTail: '', ...more },
});
const plan = (more: Partial<Plan>): Plan => ({
  ...{ found: [], provided: [], missing: [], setup: ['npm ci'], setupFailure: null, notes: [] },
  ...{ tests: [{ command: 'npm test', folder: '', runner: 'jest' }], before: run({}), ...more },
});

describe('the verdict of a plan', () => {
  test.each<[string, Partial<Plan>, RegExp]>([
    ['tests that pass', {}, /^The tests run, and a change can be measured test by test\.$/],
    [
      'an exit code only',
      { before: run({ granularity: 'exit-code', cases: [] }) },
      /^The tests pass, but only their exit code is known\./,
    ],
    ['no tests', { tests: [], before: null }, /^No tests were found\. Set `test` in/],
    [
      'a failed setup without tests',
      {
        tests: [],
        before: null,
        setupFailure: 'Not installed: "npm ci" ended with exit code 1.\n\nThe output',
      },
      /^Not installed: "npm ci" ended with exit code 1\. Set `setup` in/,
    ],
    [
      'a failed setup after which tests pass',
      { setupFailure: 'Not installed.' },
      /^The tests run, and a change can be measured test by test\. Set `setup` in/,
    ],
    [
      'a failed setup after which a command succeeds without a test',
      { setupFailure: 'Not installed.', before: run({ granularity: 'exit-code', cases: [] }) },
      /^The setup failed, and the test command names no test, so nobody knows if one ran\. Set `setup` in/,
    ],
    [
      'tests that pass in a command that fails',
      { before: run({ exitCode: 1 }) },
      /^Most tests run, and a change can be measured test by test, but not all is well\. "npm test" ends with/,
    ],
    [
      'tests that mostly fail',
      { before: run({ exitCode: 1, cases: [{ ...passed, outcome: 'failed' }] }) },
      /^The tests mostly fail on the base commit/,
    ],
    [
      'what is missing',
      { missing: ['The service db is not available.'] },
      /test by test\. Ask the operator for what is not available/,
    ],
    [
      'a server that the repository asks for, but the machine lacks',
      {
        missing: ['The service db (mysql:8.0, from compose.yml) is not available: Install it.'],
        before: run({ exitCode: 1, cases: [refused, passed] }),
      },
      /nothing listened there\. The repository asks for it, but this machine does not have it\. Ask the/,
    ],
    [
      'a server that nothing asks for',
      {
        missing: ['The service db (redis:7, from compose.yml) is not available: Install it.'],
        before: run({ exitCode: 1, cases: [refused, passed] }),
      },
      /nothing listened there\. Set `services: \[mysql:8\]` in/,
    ],
  ])('says what to do about %s', (_, more, expected) => {
    expect(judgePlan(plan(more))).toMatch(expected);
  });
});
