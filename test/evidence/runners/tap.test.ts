import { expect, test } from '@jest/globals';
import { parseReports } from '../../../src/evidence/parse-reports.js';

function read(text: string, { runner = 'tap', folder = '', printed = '' } = {}) {
  const command = { command: 'npm test', folder, runner, takesArguments: false };
  const written = text === '' ? [] : [{ runner, text }];
  const { cases, ...results } = parseReports(command, written, printed);
  return { ...results, cases, outcomes: Object.fromEntries(cases.map(({ id, outcome }) => [id, outcome])) };
}

// What node-tap 16 and 21 write, shortened.
const nested = `TAP version 14
# Subtest: test/a.js
    # Subtest: adds
        ok 1 - should be equal
        1..1
    ok 1 - adds # time=1.5ms
    # Subtest: group
        # Subtest: subtracts
            not ok 1 - should be equal
              ---
              diff: |
                --- expected
                ok 7 - not a result
              ...
            1..1
        not ok 1 - subtracts # time=0.3ms
        1..1
    not ok 2 - group # time=3ms
    ok 3 - later # SKIP
    1..3
not ok 1 - test/a.js # time=12ms
ok 2 - test/b.js # time=6ms {
    ok 1 - direct \\# 1
    1..1
}
# Subtest: test/c.js
    1..0 # no tests found
not ok 3 - test/c.js # time=3ms
  ---
  exitCode: 1
  ...
1..3
`;

test('subtests are tests, with the file that contains them', () => {
  const { outcomes, cases, note } = read(nested, { folder: 'pkg' });
  expect(outcomes).toEqual({
    'pkg/test/a.js › adds': 'passed',
    'pkg/test/a.js › group › subtracts': 'failed',
    'pkg/test/a.js › later': 'skipped',
    'pkg/test/b.js › direct # 1': 'passed',
    'pkg/test/c.js': 'failed',
  });
  expect(cases[1]).toMatchObject({ file: 'pkg/test/a.js', message: 'should be equal' });
  expect(cases[1]?.reported?.trace).toContain('ok 7 - not a result');
  expect(note).toBeUndefined();
});

const flat = `# file: /workspace/test/a.js
TAP version 13
# adds
ok 1 should be truthy
not ok 2 should be equal
  ---
    expected: 2
    actual:   1
  ...
# SKIP later
# subtracts
ok 3 should be equal
`;

test('the assertions below one comment are one test', () => {
  const { outcomes, cases, note } = read(`${flat}\n1..3\n# tests 3\n# pass  2\n`, { runner: 'tape' });
  expect(outcomes).toEqual({ 'test/a.js › adds': 'failed', 'test/a.js › subtracts': 'passed' });
  expect(cases[0]?.reported?.trace).toBe('should be equal\n  expected: 2\n  actual:   1');
  expect(note).toBeUndefined();
});

test('a missing plan shows that the tests did not end', () => {
  expect(read(flat, { runner: 'tape' }).note).toBe('the runner ended before it had run all tests');
});

test('results that a program only prints are read if there is no report', () => {
  const printed = '> app@1.0.0 test\n\nTAP version 13\nok 1 - works\nnot ok 2 - fails\n1..2\n';
  expect(read('', { runner: 'command', printed })).toMatchObject({
    outcomes: { works: 'passed', fails: 'failed' },
    runners: ['tap'],
  });
  expect(read('', { runner: 'command', printed: 'ok 1 - works\n' }).cases).toEqual([]);
});

test('every process that prints results counts, and a file that QUnit cannot load is no test', () => {
  const printed = `TAP version 13
# adds
ok 1 should be equal
1..1
> second
TAP version 13
not ok 1 global failure
  ---
  message: |+
    Error: Failed to load file test/b.js
    Error: boom
  ...
Bail out! Error: Failed to load file test/b.js
ok 2 m > ok
ok 3 - adds # time = 1.150401ms
1..3
# pass 2
`;
  const { outcomes, cases, note } = read('', { runner: 'command', printed, folder: 'api' });
  expect(outcomes).toEqual({
    adds: 'passed',
    'api/test/b.js': 'failed',
    'm > ok': 'passed',
    'adds (2)': 'passed',
  });
  expect(cases[1]).toMatchObject({ file: 'api/test/b.js' });
  expect(note).toBeUndefined();
});
