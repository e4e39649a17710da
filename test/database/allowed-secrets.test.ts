import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { allowPlace, readAllowedPlaces } from '../../src/database/allowed-secrets.js';
import { openMigratedDatabase } from './test-runs.js';

let database: Awaited<ReturnType<typeof openMigratedDatabase>>;

beforeAll(async () => {
  database = await openMigratedDatabase();
});
afterAll(() => database.close());

test('an allowed place is known for its issue only, once however often it is recorded', async () => {
  const { pool } = database;
  const key = { repositoryId: 1, number: 7 };
  for (const place of [
    { path: 'a.ts', line: 3 },
    { path: 'a.ts', line: 3 },
    { path: 'b.ts', line: null },
  ])
    await allowPlace(pool, key, place, 'ada');
  expect(await readAllowedPlaces(pool, key)).toEqual([
    { path: 'a.ts', line: 3 },
    { path: 'b.ts', line: null },
  ]);
  expect(await readAllowedPlaces(pool, { ...key, number: 8 })).toEqual([]);
});
