import { describe, expect, test } from '@jest/globals';
import { filesToProve, findTestFiles, proveTests } from '../../src/evidence/prove-tests.js';
import { testRun as run } from './test-run.js';

describe('findTestFiles', () => {
  const paths = (...changes: Parameters<typeof findTestFiles>[0]) => findTestFiles(changes);
  test('finds tests with their helpers, fixtures and snapshots, and no product code', () => {
    const all = [
      'test/a.js',
      'test/helpers/b.js',
      'src/__snapshots__/a.test.ts.snap',
      'src/a.spec.ts',
      'pkg/a_test.go',
      'tests/conftest.py',
      'src/contest.ts',
      'src/latest/a.ts',
    ];
    expect(paths(...all.map((path) => ({ path, status: 'modified' as const })))).toEqual(all.slice(0, 6));
  });
  test('lists both places of a moved test, and nothing where tests are only deleted', () => {
    expect(paths({ path: 'test/b.js', from: 'test/a.js', status: 'renamed' })).toEqual([
      'test/b.js',
      'test/a.js',
    ]);
    expect(paths({ path: 'test/b.js', status: 'deleted' })).toEqual([]);
  });
});

describe('filesToProve', () => {
  test('runs the changed tests without their helpers, and everything where only helpers changed', () => {
    const after = run({ 'test/a.js › 1': 'passed', 'test/b.js › 1': 'passed' });
    expect(filesToProve(['test/a.js', 'test/helper.js'], after)).toEqual(['test/a.js']);
    expect(filesToProve(['test/helper.js'], after)).toBeUndefined();
  });
  test('recognizes a test that was built from a changed file', () => {
    const after = run({ 'dist/test/a.test.js › 1': 'passed' });
    expect(filesToProve(['test/a.test.ts'], after)).toEqual(['dist/test/a.test.js']);
    expect(filesToProve(['src/a.test.ts'], run({ 'dist/a.test.js › 1': 'passed' }))).toHaveLength(1);
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

  test('a changed test that fails on the base proves the change, and a new one that passes there does not', () => {
    const onBase = run({
      'a.test.js › old': 'passed',
      'a.test.js › changed': 'failed',
      'a.test.js › new': 'failed',
      'a.test.js › empty': 'passed',
    });
    expect(proveTests(['a.test.js'], { before, after, onBase })).toEqual({
      files: ['a.test.js'],
      proves: ['a.test.js › changed', 'a.test.js › new'],
      provesNothing: ['a.test.js › empty'],
    });
  });
  test('a file that cannot be loaded on the base counts as failing there, and a note says so', () => {
    const proof = proveTests(['a.test.js'], { before, after, onBase: run({ 'a.test.js': 'failed' }) });
    expect(proof?.proves).toHaveLength(4);
    expect(proof?.note).toBe(
      'These tests could not be loaded on the base code, which counts as a failure: a.test.js.',
    );
  });
  test('new tests count as failing on a base that gives results only without them', () => {
    const onBase = run({}, { exitCode: 2 });
    expect(proveTests(['a.test.js'], { before, after, onBase })?.proves).toHaveLength(4);
    expect(proveTests(['a.test.js'], { before: run({}, { exitCode: 2 }), after, onBase })?.proves).toEqual(
      [],
    );
  });
  test('a test that did not run on the base proves nothing', () => {
    const onBase = run({ 'a.test.js › old': 'passed', 'b.test.js › x': 'failed' });
    expect(proveTests(['a.test.js'], { before, after, onBase })?.proves).toEqual([]);
  });
  test('without file names, the new tests and those that fail on the base are judged', () => {
    const runs = {
      before: run({ 'p › old': 'passed', 'p › changed': 'passed' }),
      after: run({ 'p › old': 'passed', 'p › changed': 'passed', 'p › new': 'passed' }),
      onBase: run({ 'p › old': 'passed', 'p › changed': 'failed', 'p › new': 'passed' }),
    };
    expect(proveTests(['p/a_test.go'], runs)).toMatchObject({
      proves: ['p › changed'],
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
    expect(proveTests(['a.test.js'], runs)).toMatchObject({ proves: [], provesNothing: [], note });
  });
  test('a note says that the new tests did not finish on the base', () => {
    const onBase = run({ 'a.test.js › old': 'passed' }, { ended: 'timeout', exitCode: null });
    expect(proveTests(['a.test.js'], { before, after, onBase })?.note).toBe(
      "The new tests did not finish on the base's code.",
    );
  });
});
