import { describe, expect, test } from '@jest/globals';
import { compareTests } from '../../src/evidence/compare-tests.js';
import type { Evidence, Finding, Proof, TestRun } from '../../src/evidence/evidence.js';
import { findFaults } from '../../src/evidence/find-faults.js';
import type { Change } from '../../src/workspace/workspace.js';
import { noEvidence } from './no-evidence.js';
import { testRun } from './test-run.js';

const base = testRun({
  'a.test.js › adds': 'passed',
  'a.test.js › old': 'passed',
  'a.test.js › broken': 'failed',
});
const source = [change('src/a.js')];

function change(path: string, added = 1): Change {
  return { path, added } as Change;
}

function faultsOf(
  after: TestRun | null,
  more: Partial<Evidence> & {
    before?: TestRun;
    failures?: { id: string; error: string; output: string }[];
    changes?: Change[];
    titles?: string[];
    endpoints?: string[];
  } = {},
) {
  const { before = base, failures = [], titles = [], endpoints = [], ...others } = more;
  const { changes = [change('README.md')], ...evidence } = others;
  const comparison = compareTests(before, after);
  return findFaults(
    { ...noEvidence, ...evidence, before, after, comparison },
    failures,
    changes,
    titles,
    endpoints,
  );
}

describe('the tests of submitted work have a fault', () => {
  test('when tests newly fail, but not when they failed before', () => {
    const after = testRun({
      'a.test.js › adds': 'failed',
      'a.test.js › old': 'passed',
      'a.test.js › broken': 'failed',
    });
    expect(faultsOf(after)).toMatchObject([{ kind: 'newly-failing', tests: [{ id: 'a.test.js › adds' }] }]);
    const failures = [{ id: 'a.test.js › adds', error: '1 !== 2', output: 'x' }];
    expect(faultsOf(after, { failures })).toEqual([{ kind: 'newly-failing', tests: failures }]);
    expect(faultsOf(base)).toEqual([]);
  });

  test('when tests are missing or skipped that no new test replaces', () => {
    const without = testRun({ 'a.test.js › adds': 'passed', 'a.test.js › broken': 'failed' });
    const lost = { kind: 'lost', count: 1, removed: ['a.test.js › old'] };
    expect(faultsOf(without)).toEqual([lost]);
    expect(faultsOf({ ...without, cases: [...without.cases, skipped('a.test.js › old')] })).toEqual([lost]);
    const renamed = testRun({
      'a.test.js › adds': 'passed',
      'a.test.js › new': 'passed',
      'a.test.js › broken': 'failed',
    });
    expect(faultsOf(renamed)).toEqual([]);
  });

  test.each<[string, TestRun, TestRun, boolean]>([
    ['fails newly, and has only an exit code', testRun({}), testRun({}, { exitCode: 1 }), true],
    [
      'failed before, and has only an exit code',
      testRun({}, { exitCode: 1 }),
      testRun({}, { exitCode: 1 }),
      false,
    ],
    ['no longer reports single tests', base, testRun({}, { exitCode: 1 }), true],
    ['does not finish', base, { ...base, ended: 'timeout' }, true],
    ['newly does not exit', base, { ...base, ended: 'did-not-exit', exitCode: null }, true],
    [
      'did not exit before either',
      { ...base, ended: 'did-not-exit', exitCode: null },
      { ...base, ended: 'did-not-exit', exitCode: null },
      false,
    ],
    ['did not finish before', { ...base, ended: 'timeout' }, { ...base, ended: 'timeout' }, false],
    ['was stopped', base, { ...base, ended: 'stopped' }, false],
    ['could not be measured', base, { ...base, ended: 'not-measured' }, false],
  ])('if the test command %s: %#', (_, before, after, isFault) => {
    const faults = faultsOf({ ...after, outputTail: 'the end' }, { before });
    expect(faults.map(({ kind }) => kind)).toEqual(isFault ? ['command-fails'] : []);
    if (isFault) expect(faults).toMatchObject([{ output: 'the end' }]);
  });
});

test('packages that cannot be installed are a fault, and no tests run then', () => {
  const packages = { managers: [], direct: [], indirect: { added: 0, updated: 0, removed: 0 }, notes: [] };
  const reasons = ['The packages of this change could not be downloaded: no such package.'];
  expect(faultsOf(null, { packages: { ...packages, faults: reasons } })).toEqual([
    { kind: 'packages', reasons },
  ]);
});

function skipped(id: string) {
  return { id, file: 'a.test.js', outcome: 'skipped' as const };
}

describe('a change of source code', () => {
  const proof: Proof = {
    ...{ files: ['a.test.js'], proves: [], needData: [], data: [], notComparable: [], flaky: [] },
    provesNothing: ['a.test.js › new'],
  };
  const withNew = testRun({
    'a.test.js › adds': 'passed',
    'a.test.js › old': 'passed',
    'a.test.js › new': 'passed',
    'a.test.js › broken': 'failed',
  });
  const kinds = (...given: Parameters<typeof faultsOf>) => faultsOf(...given).map(({ kind }) => kind);

  test('needs a test that fails without it', () => {
    expect(faultsOf(base, { changes: source })).toEqual([{ kind: 'unproven', files: [] }]);
    expect(faultsOf(withNew, { changes: source, proof })).toEqual([
      { kind: 'unproven', files: ['a.test.js'] },
    ]);
    expect(
      kinds(withNew, { changes: source, proof: { ...proof, proves: [{ id: 'a.test.js › new' }] } }),
    ).toEqual([]);
    expect(kinds(withNew, { changes: source, proof: { ...proof, needData: ['a.test.js › new'] } })).toEqual(
      [],
    );
  });

  test('is proven by an old test that failed before', () => {
    const after = { ...base, cases: base.cases.map((one) => ({ ...one, outcome: 'passed' as const })) };
    expect(kinds(after, { changes: source })).toEqual([]);
  });

  test.each<[string, Parameters<typeof faultsOf>]>([
    ['results of single tests are missing', [testRun({}), { before: testRun({}), changes: source }]],
    ['its new tests are in the source code', [withNew, { changes: source }]],
    [
      'its tests did not finish on the base',
      [withNew, { changes: source, proof: { ...proof, note: 'They did not.' } }],
    ],
    ['it only deletes lines', [base, { changes: [change('src/a.js', 0)] }]],
    [
      'only documents change',
      [base, { changes: [change('README.md'), change('docs/a.rst'), change('a.txt')] }],
    ],
    ['only tests change', [base, { changes: [change('test/a.test.js'), change('src/b.test.ts')] }]],
    ['only dependencies change', [base, { changes: [change('package.json'), change('go.sum')] }]],
    [
      'only settings change',
      [base, { changes: [change('vite.config.ts'), change('.eslintrc.cjs'), change('ci.yml')] }],
    ],
    ['the issue asks for a refactoring', [base, { changes: source, titles: ['Refactor the parser'] }]],
    ['the submission is a chore', [base, { changes: source, titles: ['A bug', 'chore(deps): update'] }]],
  ])('needs none if %s', (_, given) => {
    expect(kinds(...given)).toEqual([]);
  });

  test('has gaps, if the change has behavior and the tests have no other fault', () => {
    const proven = { ...proof, proves: [{ id: 'a.test.js › adds' }], provesNothing: [] };
    const unreached = [{ file: 'src/a.js', lines: [3] }];
    const coverage = { lines: 2, reached: 1, unreached, notes: [] };
    const mutation = { file: 'src/a.js', line: 1, was: '<', now: '<=' };
    const mutations = { tried: 1, unnoticed: [mutation], untried: 0 };
    const more = { coverage, mutations, proof: proven, changes: source };
    expect(faultsOf(base, more)).toEqual([
      { kind: 'unreached', places: unreached },
      { kind: 'unnoticed', mutations: [mutation] },
    ]);
    expect(faultsOf(base, { ...more, titles: ['refactor: a'] })).toEqual([]);
    expect(faultsOf(base, { ...more, proof })).toMatchObject([{ kind: 'unproven' }]);
  });

  test('is not called unproven as long as its tests have faults', () => {
    const after = testRun({
      'a.test.js › adds': 'failed',
      'a.test.js › old': 'passed',
      'a.test.js › broken': 'failed',
    });
    expect(kinds(after, { changes: source })).toEqual(['newly-failing']);
  });
});

test('findings that the agent can fix are faults, but not an active credential', () => {
  const finding = (severity: Finding['severity'], rule: string): Finding => ({
    severity,
    rule,
    path: rule,
    says: '',
  });
  const findings = [
    finding('block', 'secret'),
    finding('block', 'workflow'),
    finding('mark', 'secret'),
    finding('mark', 'lockfile'),
    finding('mark', 'ignored-file'),
    finding('mark', 'unsure-file'),
    finding('mark', 'sensitive-file'),
  ];
  expect(faultsOf(base, { findings })).toEqual([
    { kind: 'blocked', findings: [findings[1]] },
    { kind: 'look-alike', findings: [findings[2]] },
    { kind: 'lockfile', findings: [findings[3]] },
    { kind: 'ignored', findings: [findings[4]] },
    { kind: 'unsure', findings: [findings[5]] },
  ]);
});

test('a breaking API change is a fault, unless the submission names an endpoint', () => {
  const difference = (level: 'breaking' | 'dangerous') => ({ file: 'a.yaml', level, says: level });
  const api = {
    files: ['a.yaml'],
    differences: [difference('breaking'), difference('dangerous')],
    notes: [],
  };
  expect(faultsOf(base, { api })).toEqual([
    { kind: 'undeclared-api', differences: [difference('breaking')] },
  ]);
  expect(faultsOf(base, { api, endpoints: ['GET /a'] })).toEqual([]);
  expect(faultsOf(base, { api: { ...api, differences: [difference('dangerous')] } })).toEqual([]);
});
