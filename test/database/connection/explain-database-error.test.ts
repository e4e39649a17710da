import { expect, test } from '@jest/globals';
import { explainDatabaseError } from '../../../src/database/connection/explain-database-error.js';
import { RetryLater } from '../../../src/runs/retry-later.js';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

test('an error that means the database is unavailable becomes RetryLater', () => {
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

test('a database that is full, out of memory or too slow is named as such in the reason to wait', () => {
  const reason = (code: string) => (explainDatabaseError(withCode(code)) as RetryLater).reason;
  expect(reason('53100')).toBe("the database's disk is full (53100)");
  expect(reason('53200')).toBe('the database is out of memory (53200)');
  expect(reason('57014')).toBe('the database is too slow (57014)');
  for (const code of ['53300', '53400', '40P01', '57P03'])
    expect(reason(code)).toBe(`the database could not be reached (${code})`);
});

test('an error in a statement is returned unchanged', () => {
  const error = withCode('42P01');
  expect(explainDatabaseError(error)).toBe(error);
});
