import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Runner } from '../../../src/evidence/find-commands.js';
import { parseReports } from '../../../src/evidence/runners/parse-reports.js';

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/reports/${name}`, import.meta.url), 'utf8');

/** The reports of real runs (surefire.xml and dotnet.trx: written after the documented formats). */
function read(runner: Runner, file: string, as = file.replace(/\.(jsonl?)$/, '-7.$1')) {
  const name = `/tmp/pullwright-reports/${as}`;
  return parseReports({ command: 'x', runner, takesArguments: false }, [{ name, text: fixture(file) }], '');
}
const short = ({ cases }: { cases: { id: string; outcome: string }[] }) =>
  Object.fromEntries(cases.map(({ id, outcome }) => [id, outcome]));

describe('a report is read per test', () => {
  const expected: [Runner, string, string | undefined, Record<string, string>][] = [
    [
      'node:test',
      'node-test.jsonl',
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
      undefined,
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
      undefined,
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
      undefined,
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
      undefined,
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
      undefined,
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
      undefined,
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
      undefined,
      {
        'test/a_test.rb › ATest › test_raises': 'failed',
        'test/a_test.rb › ATest › test_skips': 'skipped',
        'test/a_test.rb › Spec › test_0001_works': 'passed',
      },
    ],
    [
      'phpunit',
      'phpunit.xml',
      undefined,
      {
        'tests/ATest.php › ATest › testPasses': 'passed',
        'tests/ATest.php › ATest › testData with data set "two"': 'failed',
        'tests/ATest.php › ATest › testSkips': 'skipped',
      },
    ],
    [
      'maven',
      'surefire.xml',
      undefined,
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
      undefined,
      {
        'Example.ThingTests.Passes': 'passed',
        'Example.ThingTests.Fails(n: 2)': 'failed',
        'Example.ThingTests.Skips': 'skipped',
      },
    ],
  ];
  test.each(expected)('of %s', (runner, file, as, outcomes) => {
    const results = read(runner, file, as);
    expect(short(results)).toMatchObject(outcomes);
    expect(new Set(results.cases.map(({ id }) => id)).size).toBe(results.cases.length);
    expect(results.note).toBeUndefined();
  });

  test('of cargo, from what it prints', () => {
    const cargo = { command: 'cargo test', runner: 'cargo', takesArguments: false } as const;
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

const command = { command: 'make test', runner: 'command', takesArguments: false } as const;

test('results of several runners behind one command are put together', () => {
  const reports = ['mocha', 'pytest'].map((name) => ({
    name: `/r/${name}-1.jsonl`,
    text: fixture(`${name}.jsonl`),
  }));
  const { runners, cases } = parseReports(command, reports, '');
  expect(runners).toEqual(['mocha', 'pytest']);
  expect(cases.some(({ file }) => file === 'm/a.js')).toBe(true);
});

test('a runner that died half way is told from one that came to its end', () => {
  const text = fixture('mocha.jsonl').replace('{"end":true}\n', '').slice(0, -20);
  const { cases, note } = parseReports(command, [{ name: '/r/mocha-1.jsonl', text }], '');
  expect(note).toBe('the runner ended before it had run all tests');
  expect(cases.length).toBeGreaterThan(3);
});

test('a report that was cut off is said, not guessed', () => {
  const text = fixture('jest.json').slice(0, 400);
  const results = parseReports(command, [{ name: '/r/jest-1.json', text }], '');
  expect(results.cases).toEqual([]);
  expect(results.note).toContain('could not be read');
});

test('a command without any report says that it has an exit code only', () => {
  expect(parseReports(command, [], 'ok').note).toBe(
    '"make test" gives no results per test, only an exit code',
  );
});
