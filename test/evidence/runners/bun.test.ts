import { expect, test } from '@jest/globals';
import { findRunner } from '../../../src/evidence/commands/find-runner.js';
import { parseReports } from '../../../src/evidence/parse-reports.js';

// What Bun 1.4 writes and prints, shortened.
const report = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="3">
  <testsuite name="a.test.ts" file="a.test.ts" tests="3">
    <testcase name="ok" classname="" file="a.test.ts" line="2" />
    <testsuite name="g" file="a.test.ts" line="2" tests="2">
      <testcase name="bad" classname="g" file="a.test.ts" line="2">
        <failure type="AssertionError" message="expect(received)&#10;&#10;Received: 1">AssertionError: expect</failure>
      </testcase>
      <testcase name="later" classname="g" file="a.test.ts" line="2"><skipped /></testcase>
    </testsuite>
  </testsuite>
</testsuites>`;
const printed = `bun test v1.4.5 (7a1b2c3d)

a.test.ts:
(pass) ok

sub/b.test.ts:

# Unhandled error between tests
-------------------------------
1 | throw new Error("boom")
error: boom
      at /workspace/api/sub/b.test.ts:1:11
-------------------------------

 1 pass
`;
const read = (output: string) => {
  const command = { command: 'bun test', folder: 'api', runner: 'bun', takesArguments: true };
  return parseReports(command, [{ runner: 'bun', text: report }], output);
};

test("Bun's report and the errors outside of tests are read", () => {
  const { cases, note } = read(printed);
  expect(
    Object.fromEntries(cases.map(({ id, outcome, message = '' }) => [id, `${outcome} ${message}`])),
  ).toEqual({
    'api/a.test.ts › ok': 'passed ',
    'api/a.test.ts › g › bad': 'failed expect(received)\n\nReceived: 1',
    'api/a.test.ts › g › later': 'skipped ',
    'api/sub/b.test.ts': 'failed error: boom',
  });
  expect(note).toBeUndefined();
});

test('results are missing if Bun ran several times, because it keeps only its last report', () => {
  expect(read(printed + printed).note).toContain('before it had run all tests');
});

test('a package script can start Bun', () => {
  expect(findRunner('bun test', { test: 'bun test' }).runner).toBe('bun');
  expect(findRunner('bun test packages/api --coverage', { test: 'vitest' }).runner).toBe('bun');
});
