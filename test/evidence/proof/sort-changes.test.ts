import { describe, expect, test } from '@jest/globals';
import { sortChanges } from '../../../src/evidence/proof/sort-changes.js';
import { testRun as run } from '../test-run.js';

/**
 * Sorts changed files.
 * @param files the text of all files with the change
 * @param changed the changed files
 * @param reported test files that the runner reported
 */
function sort(files: Record<string, string>, changed: readonly string[], reported: readonly string[]) {
  const after = run(Object.fromEntries(reported.map((file) => [`${file} › works`, 'passed'])));
  const changes = changed.map((path) => ({ path, status: 'modified' as const }));
  return sortChanges(changes, after, {
    findWord: async (word) =>
      Object.keys(files).filter((path) => new RegExp(`\\b${word}\\b`).test(files[path] ?? '')),
    readFile: async (path) => files[path] ?? null,
  });
}

describe('sortChanges', () => {
  test('a test at the root is a test if the runner reports it, and the product beside it is not', async () => {
    const files = {
      'package.json': '{ "scripts": { "test": "node --test" } }',
      'test.js': "import { slug } from './index.js';",
      'index.js': 'export function slug() {}',
    };
    expect(await sort(files, ['test.js', 'index.js'], ['test.js'])).toEqual({
      ...{ tests: ['test.js'], support: [], data: [] },
      product: ['index.js'],
    });
  });

  test('product code in a folder called testing is product', async () => {
    const files = {
      'testing/money.js': 'export const round = Math.round;',
      'testing/fake-clock.js': 'export const clock = 1;',
      'src/orders.js': "import { round } from '../testing/money.js';",
      'test/orders.test.js': "import '../testing/money.js'; import '../testing/fake-clock.js';",
    };
    const changed = ['testing/money.js', 'testing/fake-clock.js', 'test/orders.test.js'];
    expect(await sort(files, changed, ['test/orders.test.js'])).toEqual({
      ...{ tests: ['test/orders.test.js'], support: ['testing/fake-clock.js'], data: [] },
      product: ['testing/money.js'],
    });
  });

  test('a helper of a helper belongs to the tests, and a new module that only a test uses does not', async () => {
    const files = {
      'support/make-order.js': "require('./make-customer');",
      'support/make-customer.js': '',
      'discount.js': '',
      'check/orders.js': "require('../support/make-order'); require('../discount');",
    };
    const changed = Object.keys(files);
    expect(await sort(files, changed, ['check/orders.js'])).toEqual({
      tests: ['check/orders.js'],
      support: ['support/make-order.js', 'support/make-customer.js'],
      data: [],
      product: ['discount.js'],
    });
  });

  test.each([
    ['tests/factories.py', 'shop/views.py', 'from tests.factories import order', 'product'],
    ['tests/factories.py', 'tests/test_a.py', 'from tests.factories import order', 'support'],
    ['internal/testutil/db.go', 'shop/a_test.go', 'import "example.org/shop/internal/testutil"', 'support'],
    ['internal/testutil/db.go', 'shop/a.go', 'import "example.org/shop/internal/testutil"', 'product'],
    ['spec/support/orders.rb', 'spec/a_spec.rb', "require_relative 'support/orders'", 'support'],
    ['samples/rule.js', 'test/a.test.js', "readFileSync('samples/rule.js')", 'support'],
    ['src/test-mode.ts', 'src/server.ts', "import { on } from './test-mode';", 'product'],
    ['src/test-mode.ts', 'src/server.ts', "import { on } from '@/test-mode';", 'product'],
  ] as const)('%s, which %s uses by %j, is of the kind %4$s', async (path, user, text, kind) => {
    const sorted = await sort({ [path]: '', [user]: text }, [path], ['test/a.test.js']);
    expect(sorted[kind]).toEqual([path]);
  });

  test('settings and snapshots belong to the tests, manifests to the product, and other files are data', async () => {
    const changed = [
      'jest.config.js',
      'src/__snapshots__/a.test.ts.snap',
      'package.json',
      'pnpm-lock.yaml',
      'samples/empty.csv',
      'test/orders.json',
      'migrations/2.sql',
    ];
    expect(await sort({}, changed, ['src/a.test.ts'])).toEqual({
      tests: ['src/__snapshots__/a.test.ts.snap'],
      support: ['jest.config.js', 'test/orders.json'],
      data: ['samples/empty.csv', 'migrations/2.sql'],
      product: ['package.json', 'pnpm-lock.yaml'],
    });
  });

  test('both places of a moved test count', async () => {
    const moved = [{ path: 'test/b.js', from: 'test/a.js', status: 'renamed' as const }];
    const reader = { findWord: async () => [], readFile: async () => null };
    const after = run({ 'test/b.js › works': 'passed' });
    expect(await sortChanges(moved, after, reader)).toMatchObject({
      tests: ['test/b.js'],
      support: ['test/a.js'],
    });
  });
});
