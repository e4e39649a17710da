import { describe, expect, test } from '@jest/globals';
import type { TestRun } from '../../../src/evidence/evidence.js';
import { filesToProve, type ProofRuns, proveTests } from '../../../src/evidence/proof/prove-tests.js';
import type { SortedChanges } from '../../../src/evidence/proof/sort-changes.js';
import { testRun as run } from '../test-run.js';

const sort = (more: Partial<SortedChanges>): SortedChanges => ({
  ...{ tests: [], support: [], data: [], product: [] },
  ...more,
});
const sorted = sort({ tests: ['a.test.js'], product: ['src/new-part.js'] });
const prove = (runs: Partial<ProofRuns>, changes = sorted) =>
  proveTests(changes, { before: null, after: null, onBase: null, withoutData: null, again: null, ...runs });

/** Gives failing tests these messages. */
function withMessages(given: TestRun, messages: Record<string, string>): TestRun {
  const cases = given.cases.map((one) => {
    const message = messages[one.id];
    return message === undefined ? one : { ...one, message };
  });
  return { ...given, cases };
}

describe('filesToProve', () => {
  test('runs the changed tests without their helpers, and everything where only helpers changed', () => {
    const after = run({ 'test/a.js › 1': 'passed', 'test/b.js › 1': 'passed' });
    const support = ['test/helper.js'];
    expect(filesToProve({ tests: ['test/a.js'], support }, after)).toEqual(['test/a.js']);
    expect(filesToProve({ tests: [], support }, after)).toBeUndefined();
  });
  test('recognizes a test that was built from a changed file', () => {
    const after = run({ 'dist/test/a.test.js › 1': 'passed' });
    expect(filesToProve(sort({ tests: ['test/a.test.ts'] }), after)).toEqual(['dist/test/a.test.js']);
    const built = run({ 'dist/a.test.js › 1': 'passed' });
    expect(filesToProve(sort({ tests: ['src/a.test.ts'] }), built)).toHaveLength(1);
  });
});

describe('proveTests', () => {
  const before = run({ 'a.test.js › old': 'passed', 'a.test.js › changed': 'passed' });
  const after = run({
    'a.test.js › old': 'passed',
    'a.test.js › changed': 'passed',
    'a.test.js › new': 'passed',
    'a.test.js › empty': 'passed',
  });
  const onBase = run({
    'a.test.js › old': 'passed',
    'a.test.js › changed': 'failed',
    'a.test.js › new': 'failed',
    'a.test.js › empty': 'passed',
  });

  test('a changed test that fails on the base proves the change, and a new one that passes there does not', () => {
    const shown = withMessages(onBase, { 'a.test.js › new': 'expected 2, found 1' });
    expect(prove({ before, after, onBase: shown })).toEqual({
      files: ['a.test.js'],
      proves: [{ id: 'a.test.js › changed' }, { id: 'a.test.js › new', message: 'expected 2, found 1' }],
      provesNothing: ['a.test.js › empty'],
      ...{ needData: [], data: [], notComparable: [], flaky: [] },
    });
  });

  test.each([
    [
      'a part of the product',
      "Cannot find module '/workspace/src/new-part.js' imported from a.test.js",
      true,
    ],
    ['a package', "Cannot find package 'nock' imported from /workspace/a.test.js", false],
    ['a helper', "Cannot find module './make-order' from 'a.test.js'", false],
    ['an export', "The requested module './src/old.js' does not provide an export named 'rate'", true],
  ])('a file that does not load on the base for want of %s proves something or not', (_, message, proves) => {
    const failed = withMessages(run({ 'a.test.js': 'failed' }), { 'a.test.js': message });
    const proof = prove({ before, after, onBase: failed });
    const ids = ['old', 'changed', 'new', 'empty'].map((name) => ({ id: `a.test.js › ${name}`, message }));
    expect(proof?.proves).toEqual(proves ? ids : []);
    expect(proof?.notComparable).toEqual(proves ? [] : ids);
  });

  test('a test that passes on the base once it has the data of the change proves nothing about the code', () => {
    const data = ['samples/empty.csv'];
    const withoutData = run({ 'a.test.js › empty': 'failed' });
    const proof = prove({ before, after, onBase, withoutData }, { ...sorted, data });
    expect(proof).toMatchObject({ provesNothing: [], needData: ['a.test.js › empty'], data });
  });

  test('a test that fails when it runs once more with the change is flaky, and proves nothing', () => {
    const again = run({ 'a.test.js › changed': 'passed', 'a.test.js › new': 'failed' });
    const proof = prove({ before, after, onBase, again });
    expect(proof?.proves).toEqual([{ id: 'a.test.js › changed' }]);
    expect(proof?.flaky).toEqual(['a.test.js › new']);
  });

  test('new tests count as failing on a base that gives results only without them', () => {
    const outputTail = '> tsc\n\na.test.ts(3,1): error TS2339: Property rate does not exist\n';
    const none = run({}, { exitCode: 2, outputTail });
    const message = 'a.test.ts(3,1): error TS2339: Property rate does not exist';
    expect(prove({ before, after, onBase: none })?.proves).toContainEqual({ id: 'a.test.js › new', message });
    expect(prove({ before: run({}, { exitCode: 2 }), after, onBase: none })?.proves).toEqual([]);
  });

  test('a test that did not run on the base proves nothing', () => {
    const others = run({ 'a.test.js › old': 'passed', 'b.test.js › x': 'failed' });
    expect(prove({ before, after, onBase: others })?.proves).toEqual([]);
  });

  test('without file names, the new tests and those that fail on the base are judged', () => {
    const runs = {
      before: run({ 'p › old': 'passed', 'p › changed': 'passed' }),
      after: run({ 'p › old': 'passed', 'p › changed': 'passed', 'p › new': 'passed' }),
      onBase: run({ 'p › old': 'passed', 'p › changed': 'failed', 'p › new': 'passed' }),
    };
    expect(prove(runs, sort({ tests: ['p/a_test.go'] }))).toMatchObject({
      proves: [{ id: 'p › changed' }],
      provesNothing: ['p › new'],
    });
  });

  test.each([
    [1, 1, 'The tests fail on this change, so the new ones prove nothing yet.'],
    [
      0,
      0,
      'The tests report only an exit code. They also pass on the base code with the new tests added, so the new tests prove nothing.',
    ],
    [
      0,
      1,
      'The tests report only an exit code. With the new tests added, they fail on the base code and pass on this change.',
    ],
  ])('with exit code %i here and %i on the base, a note says what they mean', (here, there, note) => {
    const runs = {
      before: run({}),
      after: run({}, { exitCode: here }),
      onBase: run({}, { exitCode: there }),
    };
    expect(prove(runs)).toMatchObject({ proves: [], provesNothing: [], note });
  });
  test('a note says that the new tests did not finish on the base', () => {
    const late = run({ 'a.test.js › old': 'passed' }, { ended: 'timeout', exitCode: null });
    expect(prove({ before, after, onBase: late })?.note).toBe(
      "The new tests did not finish on the base's code.",
    );
  });
});
