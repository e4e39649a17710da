import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseReports } from '../../src/evidence/parse-reports.js';

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/reports/${name}`, import.meta.url), 'utf8');

/** Reads the report of a real run (surefire.xml and dotnet.trx are written after the documented formats). */
function read(runner: string, file: string) {
  const test = { command: 'x', folder: '', runner, takesArguments: false };
  return parseReports(test, [{ runner, text: fixture(file) }], '');
}
const short = ({ cases }: { cases: { id: string; outcome: string }[] }) =>
  Object.fromEntries(cases.map(({ id, outcome }) => [id, outcome]));

describe('parseReports reads the results per test', () => {
  const expected: [string, string, Record<string, string>][] = [
    [
      'node:test',
      'node-test.jsonl',
      {
        't/a.node.test.mjs › passes': 'passed',
        't/a.node.test.mjs › todo': 'skipped',
        't/a.node.test.mjs › twin': 'passed',
        't/a.node.test.mjs › twin (2)': 'failed',
        't/a.node.test.mjs › suite › deep › x': 'passed',
        't/a.node.test.mjs › broken hook › never': 'failed',
        't/a.node.test.mjs › parent › sub bad': 'failed',
        't/b.node.test.mjs': 'failed',
        't/c.node.test.mjs': 'failed',
      },
    ],
    [
      'jest',
      'jest.json',
      {
        't/a.jest.test.js › fails': 'failed',
        't/a.jest.test.js › todo': 'skipped',
        't/a.jest.test.js › twin (2)': 'failed',
        't/a.jest.test.js › each 1 › x': 'passed',
        't/a.jest.test.js › hook › never': 'failed',
        't/b.jest.test.js': 'failed',
      },
    ],
    [
      'vitest',
      'vitest.json',
      {
        't/a.vi.test.js › fails': 'failed',
        't/a.vi.test.js › each 1 › x': 'passed',
        't/h.vi.test.js › only hook › never': 'skipped',
        't/h.vi.test.js': 'failed',
        't/b.vi.test.js': 'failed',
      },
    ],
    [
      'mocha',
      'mocha.jsonl',
      {
        'm/a.js › passes': 'passed',
        'm/a.js › todo': 'skipped',
        'm/a.js › hook › never2': 'failed',
        'm/a.js › each hook › never2': 'failed',
        'm/a.js › after hook › ok': 'passed',
        'm/a.js › after hook › "after all" hook': 'failed',
      },
    ],
    [
      'pytest',
      'pytest.jsonl',
      {
        'tests/test_a.py › test_param[2]': 'failed',
        'tests/test_a.py › test_xfail': 'skipped',
        'tests/test_a.py › test_fixture': 'failed',
        'tests/test_a.py › test_teardown': 'failed',
        'tests/test_a.py › TestUnit › test_u': 'failed',
        'tests/test_b.py': 'failed',
      },
    ],
    [
      'unittest',
      'unittest.jsonl',
      {
        'tests/test_a.py › A › test_passes': 'passed',
        'tests/test_a.py › A › test_sub': 'failed',
        'tests/test_a.py › A › test_skips': 'skipped',
        'tests/test_a.py › B': 'failed',
        'tests/test_b.py': 'failed',
        'tests/test_c.py': 'failed',
      },
    ],
    [
      'go',
      'go.jsonl',
      {
        'example.org/x › TestPasses': 'passed',
        'example.org/x › TestTable/n=2': 'failed',
        'example.org/x › TestSkips': 'skipped',
        'example.org/x/pan › TestP': 'failed',
        'example.org/x/sub': 'failed',
      },
    ],
    [
      'rspec',
      'rspec.jsonl',
      {
        'spec/a_spec.rb › Thing › passes': 'passed',
        'spec/a_spec.rb › Thing › twin (2)': 'failed',
        'spec/a_spec.rb › Thing › hook › never': 'failed',
        'spec/a_spec.rb › Thing › todo': 'skipped',
      },
    ],
    [
      'minitest',
      'minitest.jsonl',
      {
        'test/a_test.rb › ATest › test_raises': 'failed',
        'test/a_test.rb › ATest › test_skips': 'skipped',
        'test/a_test.rb › Spec › test_0001_works': 'passed',
      },
    ],
    [
      'phpunit',
      'phpunit.xml',
      {
        'tests/ATest.php › ATest › testPasses': 'passed',
        'tests/ATest.php › ATest › testData with data set "two"': 'failed',
        'tests/ATest.php › ATest › testSkips': 'skipped',
      },
    ],
    [
      'maven',
      'surefire.xml',
      {
        'org.example.ThingTest › passes': 'passed',
        'org.example.ThingTest › fails': 'failed',
        'org.example.ThingTest › each(int)[1]': 'failed',
        'org.example.ThingTest › skips': 'skipped',
      },
    ],
    [
      'dotnet',
      'dotnet.trx',
      {
        'Example.ThingTests.Passes': 'passed',
        'Example.ThingTests.Fails(n: 2)': 'failed',
        'Example.ThingTests.Skips': 'skipped',
      },
    ],
  ];
  test.each(expected)('from the report of %s', (runner, file, outcomes) => {
    const results = read(runner, file);
    expect(short(results)).toMatchObject(outcomes);
    expect(new Set(results.cases.map(({ id }) => id)).size).toBe(results.cases.length);
    expect(results.note).toBeUndefined();
  });

  test('from the output of cargo', () => {
    const cargo = { command: 'cargo test', folder: '', runner: 'cargo', takesArguments: false } as const;
    const { cases } = parseReports(cargo, [], fixture('cargo.txt'));
    expect(short({ cases })).toEqual({
      'some_crate (src/lib.rs) › tests::panics': 'passed',
      'some_crate (src/lib.rs) › tests::fails': 'failed',
      'some_crate (src/lib.rs) › tests::skips': 'skipped',
      'some_crate (src/lib.rs) › tests::passes': 'passed',
      'api (tests/api.rs) › bad': 'failed',
      'api (tests/api.rs) › passes': 'passed',
      'some-crate (documentation) › src/lib.rs - one': 'passed',
    });
    expect(cases.find(({ id }) => id.endsWith('bad'))?.message).toContain("panicked at 'b'");
  });
});

const make = { command: 'make test', folder: '', runner: 'command', takesArguments: false };

test('the results of several runners behind one command are joined', () => {
  const reports = ['mocha', 'pytest'].map((runner) => ({ runner, text: fixture(`${runner}.jsonl`) }));
  const { runners, cases } = parseReports(make, reports, '');
  expect(runners).toEqual(['mocha', 'pytest']);
  expect(cases.some(({ file }) => file === 'm/a.js')).toBe(true);
});

test('a note says that a runner ended before it had run all tests', () => {
  const text = fixture('mocha.jsonl').replace('{"end":true}\n', '').slice(0, -20);
  const { cases, note } = parseReports(make, [{ runner: 'mocha', text }], '');
  expect(note).toBe('the runner ended before it had run all tests');
  expect(cases.length).toBeGreaterThan(3);
});

test('a note says that a report was cut off, and no result is guessed', () => {
  const results = parseReports(make, [{ runner: 'jest', text: fixture('jest.json').slice(0, 400) }], '');
  expect(results.cases).toEqual([]);
  expect(results.note).toContain('could not be read');
});

test('a note says that a runner wrote no report', () => {
  const npm = { command: 'npm test', folder: '', runner: 'jest', takesArguments: false };
  expect(parseReports(npm, [], 'ok').note).toBe('the test runner (jest) wrote no report');
});

test('a note says that a command without a known runner has only an exit code', () => {
  expect(parseReports(make, [], 'ok').note).toBe(
    '"make test" reports only an exit code, not the result of each test',
  );
});
