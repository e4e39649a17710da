import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import {
  getRunner,
  isTestPath,
  packageKeys,
  runners,
  settingsFiles,
} from '../../../src/evidence/runners/runners.js';

test('each runner has a name of its own, in one word', () => {
  const names = runners.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^\S+$/);
});

test('a name that no runner has is an error', () => {
  expect(getRunner('pytest').name).toBe('pytest');
  expect(() => getRunner('nonsense')).toThrow('no test runner is called nonsense');
});

test.each(runners.flatMap(({ name, report }) => (report?.reporters ?? []).map((file) => [name, file])))(
  'the reporter of %s exists: %s',
  (_, file) => {
    const url = new URL(`../../../src/evidence/reporters/${file}`, import.meta.url);
    expect(existsSync(url)).toBe(true);
  },
);

test('the settings files and package keys of all runners are known', () => {
  expect(settingsFiles).toMatch(/^\*\*\/\{.*jest\.config\.\*.*pytest\.ini.*phpunit\.xml.*\}$/);
  expect(packageKeys).toEqual(expect.arrayContaining(['jest', 'mocha', 'c8']));
});

test.each([
  'src/__tests__/a.js',
  'src/a.test.ts',
  'src/__snapshots__/a.test.ts.snap',
  'app/test_views.py',
  'conftest.py',
  'pkg/a_test.go',
  'pkg/testdata/in.txt',
  'src/test/java/org/example/A.java',
  'src/ThingTest.kt',
  'spec/models/user_spec.rb',
  'src/UserTest.php',
  'Shop/CartTests.cs',
])('%s is the path of a test', (path) => {
  expect(isTestPath(path)).toBe(true);
});

test.each(['src/a.ts', 'src/contest.ts', 'src/latest/a.ts', 'README.md', 'src/Latest.java', 'src/Audit.cs'])(
  '%s is not the path of a test',
  (path) => {
    expect(isTestPath(path)).toBe(false);
  },
);
