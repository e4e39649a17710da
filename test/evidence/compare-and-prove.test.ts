import { describe, expect, test } from '@jest/globals';
import { compareTests, filesToRepeat } from '../../src/evidence/compare-tests.js';
import type { Evidence, TestRun } from '../../src/evidence/evidence.js';
import { judgeChange } from '../../src/evidence/judge-change.js';
import { filesToProve, findTestFiles, proveTests } from '../../src/evidence/prove-tests.js';
import { Settings } from '../../src/task/settings.js';

/** `{ 'a.test.js › x': 'passed' }`: the file is the part before the first arrow, where it looks like one. */
function run(
  outcomes: Record<string, 'passed' | 'failed' | 'skipped'>,
  more: Partial<TestRun> = {},
): TestRun {
  const cases = Object.entries(outcomes).map(([id, outcome]) => {
    const [first = ''] = id.split(' › ');
    return { id, file: first.includes('.') ? first : null, outcome };
  });
  const exitCode = cases.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
  const granularity = cases.length > 0 ? 'per-test' : 'exit-code';
  return {
    command: 'npm test',
    runner: 'x',
    exitCode,
    ended: 'exited',
    durationMs: 1,
    granularity,
    cases,
    outputTail: '',
    ...more,
  };
}

describe('compareTests', () => {
  test('sorts every test by how it did before and after', () => {
    const before = run({
      'a.js › 1': 'passed',
      'a.js › 2': 'passed',
      'a.js › 3': 'failed',
      'a.js › 4': 'passed',
      'a.js › 5': 'passed',
    });
    const after = run({
      'a.js › 1': 'passed',
      'a.js › 2': 'failed',
      'a.js › 3': 'failed',
      'a.js › 4': 'failed',
      'a.js › 6': 'passed',
    });
    expect(compareTests(before, after, run({ 'a.js › 4': 'passed' }))).toEqual({
      newlyPassing: ['a.js › 6'],
      newlyFailing: ['a.js › 2'],
      failingBefore: ['a.js › 3'],
      flaky: ['a.js › 4'],
      removed: ['a.js › 5'],
      stillPassing: 1,
      skipped: 0,
    });
  });
  test('a passing test that is skipped now counts as removed', () => {
    const compared = compareTests(run({ 'a.js › 1': 'passed' }), run({ 'a.js › 1': 'skipped' }), null);
    expect(compared).toMatchObject({ removed: ['a.js › 1'], skipped: 1 });
  });
  test('a file that no longer loads fails; its tests are not removed', () => {
    const compared = compareTests(run({ 'a.js › s › 1': 'passed' }), run({ 'a.js': 'failed' }), null);
    expect(compared).toMatchObject({ newlyFailing: ['a.js'], removed: [] });
  });
  test('a run that did not come to its end removes nothing', () => {
    const before = run({ 'a.js › 1': 'passed', 'a.js › 2': 'passed' });
    for (const more of [
      { ended: 'timeout' as const },
      { note: 'the runner ended before it had run all tests' },
    ])
      expect(compareTests(before, run({ 'a.js › 1': 'passed' }, more), null)?.removed).toEqual([]);
  });
  test('only the failing files are run again, and everything where no file is known', () => {
    const failing = (outcomes: Parameters<typeof run>[0]) => {
      const after = run(outcomes);
      const comparison = compareTests(run({ 'z.js › z': 'passed' }), after, null);
      return comparison && filesToRepeat(comparison, after);
    };
    expect(failing({ 'a.js › 1': 'failed', 'b.js › 1': 'passed' })).toEqual(['a.js']);
    expect(failing({ 'a.js › 1': 'failed', 'pkg › 1': 'failed' })).toBeUndefined();
  });
});

describe('findTestFiles', () => {
  const paths = (...changes: Parameters<typeof findTestFiles>[0]) => findTestFiles(changes);
  test('takes helpers, fixtures and snapshots along, and nothing of the product', () => {
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
  test('a moved test leaves its old place; tests that are only taken away prove nothing', () => {
    expect(paths({ path: 'test/b.js', from: 'test/a.js', status: 'renamed' })).toEqual([
      'test/b.js',
      'test/a.js',
    ]);
    expect(paths({ path: 'test/b.js', status: 'deleted' })).toEqual([]);
  });
});

describe('filesToProve', () => {
  test('runs the test files, not their helpers; everything when only helpers changed', () => {
    const after = run({ 'test/a.js › 1': 'passed', 'test/b.js › 1': 'passed' });
    expect(filesToProve(['test/a.js', 'test/helper.js'], after)).toEqual(['test/a.js']);
    expect(filesToProve(['test/helper.js'], after)).toBeUndefined();
  });
  test('knows what a build makes of a test', () => {
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

  test('what fails on the base proves; a new test that passes there proves nothing; an old one is not listed', () => {
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
  test('a file that cannot be loaded on the base counts as failing there, and that is said', () => {
    const proof = proveTests(['a.test.js'], { before, after, onBase: run({ 'a.test.js': 'failed' }) });
    expect(proof?.proves).toHaveLength(4);
    expect(proof?.note).toContain("Could not be loaded on the base's code");
  });
  test('a base that gives no results with the new tests, but did without, could not load them', () => {
    const onBase = run({}, { exitCode: 2 });
    expect(proveTests(['a.test.js'], { before, after, onBase })?.proves).toHaveLength(4);
    expect(proveTests(['a.test.js'], { before: run({}, { exitCode: 2 }), after, onBase })?.proves).toEqual(
      [],
    );
  });
  test('a test that is merely not run on the base proves nothing', () => {
    const onBase = run({ 'a.test.js › old': 'passed', 'b.test.js › x': 'failed' });
    expect(proveTests(['a.test.js'], { before, after, onBase })?.proves).toEqual([]);
  });
  test('without file names, what is new or fails there tells', () => {
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
});

describe('judgeChange', () => {
  const work = { outcome: { kind: 'submitted' } } as Parameters<typeof judgeChange>[0];
  const settings = Settings.parse({
    labels: {},
    baseBranch: null,
    setup: null,
    test: null,
    timeouts: { setup: 1, test: 1, command: 1, run: 1 },
    protectedPaths: [],
    draft: 'when-failing',
  });
  const judge = (before: TestRun, after: TestRun) => {
    const comparison = compareTests(before, after, null);
    const evidence: Evidence = { before, after, comparison, proof: null, findings: [], notes: [] };
    const verdict = judgeChange(work, evidence, settings);
    return verdict.kind === 'ready' ? verdict.draftReasons : verdict;
  };
  const good = run({ 'a.js › 1': 'passed' });
  test('a green change has no reason to be a draft', () => expect(judge(good, good)).toEqual([]));
  test('a command that fails without a failing test is said', () => {
    expect(judge(good, { ...good, exitCode: 1 })).toEqual([
      expect.stringContaining('although no test newly fails'),
    ]);
  });
  test('a runner that crashed is said even where tests failed before', () => {
    const failing = run({ 'a.js › 1': 'failed' });
    expect(judge(failing, run({}, { exitCode: 1 }))).toEqual([
      expect.stringContaining('no results per test any more'),
    ]);
  });
  test('tests that failed before us are no reason', () => {
    const failing = run({ 'a.js › 1': 'failed' });
    expect(judge(failing, failing)).toEqual([]);
  });
  test('a newly failing test and a skipped one are reasons', () => {
    const two = run({ 'a.js › 1': 'passed', 'a.js › 2': 'passed' });
    expect(judge(two, run({ 'a.js › 1': 'failed', 'a.js › 2': 'skipped' }))).toHaveLength(2);
  });
});
