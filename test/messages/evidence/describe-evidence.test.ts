import { describe, expect, test } from '@jest/globals';
import type { Evidence, TestRun } from '../../../src/evidence/evidence.js';
import { describeEvidence } from '../../../src/messages/evidence/describe-evidence.js';
import { compareQueries } from '../../../src/queries/compare-queries.js';
import { escapeOnly } from '../../../src/text/untrusted-text.js';
import { noEvidence } from '../../evidence/no-evidence.js';

const run = (more: Partial<TestRun> = {}): TestRun => ({
  command: 'npm test',
  runner: 'jest',
  exitCode: 0,
  ended: 'exited',
  durationMs: 1234,
  granularity: 'per-test',
  cases: [],
  outputTail: '',
  ...more,
});

const evidence = (more: Partial<Evidence> = {}): Evidence => ({
  ...noEvidence,
  before: run(),
  after: run(),
  comparison: {
    newlyPassing: ['a › new', 'a › mended'],
    newlyFailing: [],
    failingBefore: [],
    flaky: [],
    removed: [],
    stillPassing: 3,
    skipped: 0,
  },
  proof: {
    ...{ files: ['a'], provesNothing: [], needData: [], data: [], notComparable: [], flaky: [] },
    proves: [{ id: 'a › new', message: 'expected 2\n\nfound 1' }],
  },
  ...more,
});

const table = (more?: Parameters<typeof evidence>[0]) => describeEvidence(evidence(more), escapeOnly);

describe('describeEvidence', () => {
  test('names a test once: what the proof names is counted, not repeated', () => {
    const text = table();
    expect(text).toContain('**Newly passing** (2)\n\n- `a › mended`\n- and 1 listed in the proof below');
    expect(text).toContain('pass with it** (1)\n\n- `a › new`: expected 2 found 1');
  });

  test('says who reported the results, if there are results of single tests', () => {
    const sentence = 'The results of single tests were reported by the tests themselves.';
    expect(table()).toContain(sentence);
    expect(table({ before: run({ reportedBy: 'runner' }) })).toContain(sentence);
    const both = { before: run({ reportedBy: 'runner' }), after: run({ reportedBy: 'runner' }) };
    expect(table(both)).not.toContain(sentence);
    expect(table({ comparison: null, proof: null })).not.toContain(sentence);
  });

  test('says why a test fails newly, in one line', () => {
    const after = run({
      cases: [{ id: 'a › x', file: 'a', outcome: 'failed', message: 'expected 1\nfound 2' }],
    });
    const comparison = { ...evidence().comparison, newlyFailing: ['a › x'] } as Evidence['comparison'];
    expect(table({ after, comparison })).toContain('- `a › x`: expected 1 found 2');
  });

  test('names the changed lines that no test runs, and the faults that no test notices', () => {
    const text = table({
      coverage: {
        lines: 36,
        reached: 33,
        unreached: [{ file: 'src/<img>.js', lines: [88, 91, 92] }],
        notes: ['Pullwright could not measure which lines of src/<c>.ts run in tests.'],
      },
      mutations: {
        tried: 20,
        unnoticed: [
          { file: 'src/d.js', line: 41, was: '<=', now: '<' },
          { file: 'src/d.js', line: 50, was: 'await `<img>`', now: '' },
        ],
        untried: 3,
      },
    });
    expect(text).toContain('\n\n33 of 36 changed lines run in tests; ⚠️ not reached: ');
    expect(text).toContain('.js` 88, 91–92.\n');
    expect(text).toMatch(/one at a time: 18 of 20 noticed\. There was no time for 3 more\. ⚠️ Not noticed:\n/);
    expect(text).toContain('\n- `src/d.js` 41: `<` for `<=`\n- `src/d.js` 50: without `await ');
    expect(text).not.toMatch(/<img>|<c>/);
  });

  test('lists the statements of tests, and nothing in them acts', () => {
    const text = table({
      queries: {
        ...{ server: 'PostgreSQL 18.4', tests: 2, statements: 1040, common: { tests: 8, difference: -2 } },
        changed: [{ test: 'a › lists', before: 3, after: 15 }],
        repeated: [{ test: 'a › lists', statement: 'select "<img>" -- `@ada`', times: 12 }],
        unindexed: [
          { test: 'a › finds', statement: 'select 1', table: 'orders', condition: 'orders.email = ?' },
        ],
        notes: [],
      },
    });
    expect(text).toContain(
      '<details open><summary>⚠️ Database: 1,040 statements in 2 tests, 1 repeated, 1 without an index</summary>',
    );
    expect(text).toMatch(/- 12 times: .*select "<.*in `a › lists`\n/);
    expect(text).toContain('- `orders.email = ?` on `orders`: `select 1` in `a › finds`');
    expect(text).toContain('- 3 → 15: `a › lists`');
    expect(text).toContain('\n\n8 tests each run 2 fewer statements than on the base commit, for example');
    expect(text).not.toMatch(/<img>|[^\u200b]@ada/);
    const after = { tests: [], unindexed: [], unrecorded: [], fault: 'the server said: no such library' };
    expect(table({ queries: compareQueries('PostgreSQL 18.4', { before: null, after }) })).toContain(
      '<summary>Database: not recorded</summary>\n\nThe statements of the tests could not be recorded: the server said: no such library.',
    );
  });

  test('does not list lines or faults where there are none, and says why no fault was tried', () => {
    const coverage = { lines: 1, reached: 1, unreached: [], notes: [] };
    expect(table({ coverage })).toContain('\n\n1 of 1 changed line runs in tests.\n');
    const note = 'The tests fail alone.';
    const text = table({ coverage, mutations: { tried: 0, unnoticed: [], untried: 3, note } });
    expect(text).toContain(`\n\n${note}\n`);
    expect(text).not.toContain('small faults');
  });

  test('shows the end of the output where only an exit code is known, and nothing in it acts', () => {
    const after = run({ granularity: 'exit-code', exitCode: 2, outputTail: '```\n@ada <img src=x>\nboom' });
    const text = table({ after, comparison: null, proof: null });
    expect(text).toContain('Pullwright could read only the exit code, not the result of each test');
    expect(text).toMatch(/The end of the output:\n\n {4}```\n {4}@\u200bada <\u200bimg src=x>\n {4}boom/);
  });

  test('names the line of a mark, and says how a look-alike of a credential is allowed', () => {
    const mark = { severity: 'mark' as const, path: 'a.ts', says: 'contains what looks like a GitHub token' };
    const text = table({ findings: [{ ...mark, rule: 'secret', line: 3 }] });
    expect(text).toContain('- `a.ts:3` contains what looks like a GitHub token');
    expect(text).toContain('`/allow-secret <path>:<line>`');
    expect(table({ findings: [{ ...mark, rule: 'x' }] })).not.toContain('/allow-secret');
  });

  test('a name in a finding cannot hide or imitate evidence', () => {
    const says = 'changes the script "<!--", "@ada" and "\n\n# All good\n\nCloses #1"';
    const text = table({ findings: [{ severity: 'mark', rule: 'x', path: 'package.json', says }] });
    expect(text).not.toMatch(/<!--|@ada|^# |Closes #1/m);
  });

  test('says that no tests were found', () => {
    const text = table({ before: null, after: null, comparison: null, proof: null });
    expect(text).toContain('No tests were found in this repository, so none ran.');
  });
});

test('a command that did not exit shows its results, and what kept it running', () => {
  const remark =
    'The tests finished, but the command did not exit: a server on port 3000 (`x`) keeps it running.';
  const text = table({ after: run({ ended: 'did-not-exit', exitCode: null, remark }) });
  expect(text).toMatch(/\| after, with the change \| 0 \| 0 \| 0 \| did not exit \|/);
  expect(text).toContain('a server on port 3000');
});

test('the end of the output stands for results that no runner reported', () => {
  const silent = { granularity: 'exit-code' as const, outputTail: '42 passing' };
  expect(table({ comparison: null, before: run(silent), after: run(silent) })).toContain('42 passing');
});

describe('the sections of the evidence', () => {
  const titlesOf = (more?: Parameters<typeof evidence>[0]) =>
    Array.from(table(more).matchAll(/^<details( open)?><summary>(.*)<\/summary>$/gm), ([, open, title]) =>
      open ? `open: ${title}` : title,
    );
  const passed = { cases: [{ id: 'a', file: 'a', outcome: 'passed' as const }] };

  test('are folded, and their titles say what was measured', () => {
    const coverage = { lines: 36, reached: 36, unreached: [], notes: [] };
    const mutations = { tried: 20, unnoticed: [], untried: 0 };
    expect(titlesOf({ after: run(passed), coverage, mutations, notes: ['No sandbox.'] })).toEqual([
      'Tests: 1 passed, 0 failed, 0 skipped',
      'Proof: 1 test fails without the change and passes with it',
      'Changed lines: 36 of 36 tested, 20 of 20 small faults in them noticed',
      'Notes on these measurements',
    ]);
  });

  test('are open and come first if they contain bad news', () => {
    const finding = { severity: 'mark' as const, rule: 'workflow', path: 'ci.yml', says: 'is a workflow' };
    const proof = { ...evidence().proof, proves: [], provesNothing: ['a'] } as Evidence['proof'];
    const coverage = { lines: 2, reached: 1, unreached: [{ file: 'a.js', lines: [1] }], notes: [] };
    expect(titlesOf({ proof, coverage, findings: [finding] })).toEqual([
      'open: ⚠️ Proof: no new or changed test shows what the change does',
      'open: ⚠️ Changed lines: 1 of 2 tested',
      'open: ⚠️ Scan: review 1 place with care',
      'Tests: 0 passed, 0 failed, 0 skipped',
    ]);
  });

  test.each<[string, Partial<TestRun> | null, string]>([
    ['a failing command', { ...passed, exitCode: 1 }, 'Tests: 1 passed, 0 failed, 0 skipped'],
    ['a command without results', { granularity: 'exit-code', exitCode: 2 }, 'Tests: exit code 2'],
    ['a command that ran out of time', { granularity: 'exit-code', ended: 'timeout' }, 'Tests: timed out'],
    ['tests that did not run', null, 'Tests: 0 passed, 0 failed, 0 skipped'],
  ])('%s is bad news', (_, after, title) => {
    const more = { after: after && run(after), comparison: null, proof: null };
    expect(titlesOf(more)[0]).toBe(`open: ⚠️ ${title}`);
  });
});
