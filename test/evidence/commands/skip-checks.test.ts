import { describe, expect, test } from '@jest/globals';
import { findOtherWays } from '../../../src/evidence/commands/skip-checks.js';

const skipChecks = (...args: Parameters<typeof findOtherWays>) =>
  findOtherWays(...args).withoutChecks ?? null;

describe('findOtherWays leaves out what only checks the code', () => {
  test.each<[string, Record<string, string>, string]>([
    ['a program before the tests', { test: 'eslint . && mocha test' }, 'npx --no-install mocha test'],
    [
      'several programs, and variables',
      { test: 'standard && tsc --noEmit && NODE_ENV=test jest --ci' },
      'NODE_ENV=test npx --no-install jest --ci',
    ],
    ['a script', { test: 'npm run lint && npm run unit', lint: 'x', unit: 'node --test' }, 'npm run unit'],
    [
      'a script whose name says nothing, but which only checks',
      { test: 'npm run quality && node --test', quality: 'eslint . && prettier --check .' },
      'node --test',
    ],
    [
      'scripts of a pattern',
      { test: 'run-s check test:*', check: 'run-p x', 'test:types': 'tstyche', 'test:mocha': 'mocha' },
      'npm run test:types && npm run test:mocha',
    ],
    [
      'the script before the tests',
      { pretest: 'npm run lint', lint: 'eslint .', test: 'ava' },
      'npx --no-install ava',
    ],
    [
      'a script before a program that runs the tests of many packages',
      { test: 'npm run lint && c8 lerna run test', lint: 'eslint .' },
      'npx --no-install c8 lerna run test',
    ],
    [
      'but not what prepares the tests',
      { pretest: 'npm run build && npm run lint', build: 'tsc', lint: 'eslint .', test: 'tap' },
      'npm run build && npx --no-install tap',
    ],
    [
      'commands for containers, whose servers run anyway',
      { pretest: 'docker compose up -d db && docker run -d redis', test: 'jest && docker-compose down -v' },
      'npx --no-install jest',
    ],
    [
      'scripts that only start containers, but not what runs in a container',
      {
        test: 'run-s db:up db:seed unit db:down',
        'db:up': 'cd test/db && docker compose up --wait',
        'db:seed': 'docker compose exec db psql -f up.sql',
        unit: 'vitest run',
        'db:down': 'cd test/db && docker compose down',
      },
      'npm run db:seed && npm run unit',
    ],
  ])('%s', (_, scripts, expected) => {
    expect(skipChecks('npm', scripts, 'test')).toBe(expected);
  });

  test('with the package manager of the repository', () => {
    const scripts = { test: 'npm run lint && vitest run', lint: 'eslint .' };
    expect(skipChecks('pnpm', scripts, 'test')).toBe('pnpm exec vitest run');
    expect(skipChecks('yarn', scripts, 'test')).toBe('yarn run vitest run');
  });

  test.each<[string, Record<string, string>]>([
    ['there are none', { test: 'npm run build && mocha', build: 'tsc' }],
    ['nothing else is known to test', { test: 'eslint . && ./test.sh' }],
    ['the exit code of a command decides what runs', { test: 'eslint . || mocha' }],
    ['the script calls itself', { test: 'npm test' }],
    ['there is no such script', {}],
  ])('not if %s', (_, scripts) => {
    expect(skipChecks('npm', scripts, 'test')).toBeNull();
  });
});

describe('findOtherWays runs the tests despite', () => {
  const table: [string, Record<string, string>, string | undefined][] = [
    [
      'failing steps before them',
      {
        test: 'npm run gen && db push && nyc mocha && npm run lint',
        gen: 'prisma generate',
        lint: 'eslint .',
      },
      'failed=0; (npm run gen) || failed=$?; (npx --no-install db push) || failed=$?; npx --no-install nyc mocha && exit $failed',
    ],
    [
      'a failing script `pretest`',
      { pretest: 'runner start', test: 'jest' },
      'failed=0; (npx --no-install runner start) || failed=$?; npx --no-install jest && exit $failed',
    ],
    [
      'failing programs that no package contains',
      { test: 'php artisan migrate && psql -f a.sql && bin/seed && mocha' },
      'failed=0; (php artisan migrate) || failed=$?; (psql -f a.sql) || failed=$?; (bin/seed) || failed=$?; npx --no-install mocha && exit $failed',
    ],
    ['nothing, if they come first', { test: 'jest && npm run report', report: 'x' }, undefined],
    ['nothing, if a step changes the shell', { test: 'cd api && jest' }, undefined],
  ];
  test.each(table)('%s', (_, scripts, expected) => {
    expect(findOtherWays('npm', scripts, 'test').despiteSteps).toBe(expected);
  });
});

describe('findOtherWays names test programs that report no single tests', () => {
  test.each<[Record<string, string>, string[] | undefined]>([
    [{ test: 'mocha test && cucumber-js old/*.js' }, ['cucumber-js old/*.js']],
    [
      { test: 'npm run lint && mocha && npm run old', lint: 'eslint .', old: 'cucumber-js old' },
      ['npm run old'],
    ],
    [{ test: 'npm run build && mocha', build: 'tsc' }, undefined],
    [{ test: 'mocha && npm run report', report: 'nyc report' }, undefined],
    [{ test: 'jest && mocha' }, undefined],
  ])('%j', (scripts, expected) => {
    expect(findOtherWays('npm', scripts, 'test').unreported).toEqual(expected);
  });
});
