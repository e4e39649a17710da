import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFlakyTests, recordFlakyTests } from '../../src/database/flaky-tests.js';
import { openMigratedDatabase } from './test-runs.js';

let database: Awaited<ReturnType<typeof openMigratedDatabase>>;

beforeAll(async () => {
  database = await openMigratedDatabase();
});
afterAll(() => database.close());

test('a flaky test is known for its repository, until it was not flaky for a long time', async () => {
  const { pool } = database;
  await recordFlakyTests(pool, 1, ['a.js › old', 'a.js › new', 'a.js › new']);
  await pool.query(
    "update pullwright.flaky_tests set seen_at = now() - interval '90 days' where test like '%old'",
  );
  await recordFlakyTests(pool, 1, []);
  expect(await readFlakyTests(pool, 1)).toEqual(new Set(['a.js › new']));
  expect(await readFlakyTests(pool, 2)).toEqual(new Set());
  await recordFlakyTests(pool, 1, ['a.js › old']);
  expect(await readFlakyTests(pool, 1)).toEqual(new Set(['a.js › new', 'a.js › old']));
});
