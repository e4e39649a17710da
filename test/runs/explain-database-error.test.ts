import { expect, test } from '@jest/globals';
import { explainDatabaseError } from '../../src/runs/explain-database-error.js';
import { RetryLater } from '../../src/runs/retry-later.js';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

test('a database that is away is waited for', () => {
  for (const error of [
    withCode('ECONNREFUSED'),
    withCode('57P01'),
    withCode('55000'),
    withCode('08006'),
    new Error('Connection terminated due to connection timeout'),
    new Error('timeout exceeded when trying to connect'),
  ])
    expect(explainDatabaseError(error)).toBeInstanceOf(RetryLater);
});

test('a statement that is wrong stays what it is', () => {
  const error = withCode('42P01');
  expect(explainDatabaseError(error)).toBe(error);
});
