import { describe, expect, test } from '@jest/globals';
import {
  failsForLockfile,
  failsForVersion,
  withLooseLockfile,
  withoutLockfile,
  withoutPackage,
} from '../../../src/workspace/set-up/without-lockfile.js';

describe('withoutLockfile lets the package manager choose versions in', () => {
  test.each([
    ['npm ci --no-audit --no-fund', 'npm install --no-package-lock --no-audit --no-fund'],
    ['cd api && CI=1 npm install', 'cd api && CI=1 npm install --no-package-lock'],
    ['pnpm install --frozen-lockfile --prefer-offline', 'pnpm install --no-lockfile --prefer-offline'],
    ['yarn install --frozen-lockfile', 'yarn install --no-lockfile'],
    ['npm i -g npm@11 && npm ci', 'npm i -g npm@11 && npm install --no-package-lock'],
  ])('%s', (command, expected) => {
    expect(withoutLockfile(command)).toBe(expected);
  });
});

test.each(['npm install --no-package-lock', 'yarn install --immutable', 'yarn build', 'npm run build'])(
  'withoutLockfile knows no other way for: %s',
  (command) => {
    expect(withoutLockfile(command)).toBeNull();
  },
);

test('withoutPackage leaves out each package that the registry lacks, once', () => {
  const install = 'npm install --no-package-lock';
  const output = "npm error 404  The requested resource '@types/a.b@^5.1.0' could not be found or you";
  const first = withoutPackage(install, output) ?? '';
  expect(first).toBe(
    `npm pkg delete 'dependencies[@types/a.b]' 'devDependencies[@types/a.b]' 'optionalDependencies[@types/a.b]' && ${install}`,
  );
  expect(withoutPackage(first, output)).toBeNull();
  expect(withoutPackage(first, 'npm error notarget No matching version found for top@9.')).toContain('[top]');
  expect(withoutPackage('npm ci', output)).toBeNull();
  expect(withoutPackage(install, 'npm error code E404')).toBeNull();
});

test.each([
  [1, 'npm error code E404\nnpm error 404 Not Found - GET https://registry.npmjs.org/a/-/a-1.2.3.tgz', true],
  [1, 'npm ERR! code ETARGET\nnpm ERR! notarget No matching version found for a@9.', true],
  [1, ' ERR_PNPM_NO_MATCHING_VERSION  No matching version found for a@9', true],
  [1, 'error https://registry.yarnpkg.com/a/-/a-1.tgz: Request failed "404 Not Found"', true],
  [0, 'npm warn code E404', false],
  [1, 'npm error code ERESOLVE', false],
])('failsForVersion: exit code %s, %s', (exitCode, output, expected) => {
  expect(failsForVersion({ exitCode, output })).toBe(expected);
});

test.each([
  ['npm ci --no-fund', 'npm install --no-fund'],
  ['pnpm install --frozen-lockfile', 'pnpm install --no-frozen-lockfile'],
  ['yarn install --frozen-lockfile', 'yarn install'],
  ['yarn install --immutable', 'yarn install --no-immutable'],
  ['bun install --frozen-lockfile', 'bun install'],
  ['npm install', null],
  ['yarn build --immutable', null],
])('withLooseLockfile: %s becomes %s', (command, expected) => {
  expect(withLooseLockfile(command)).toBe(expected);
});

test.each([
  [
    'npm error code EUSAGE\nnpm error\nnpm error `npm ci` can only install packages when your package.json and package-lock.json are in sync',
    true,
  ],
  [' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile"', true],
  ['error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`.', true],
  ['error: lockfile had changes, but lockfile is frozen', true],
  ['npm error code ERESOLVE', false],
])('failsForLockfile: %s', (output, expected) => {
  expect(failsForLockfile({ exitCode: 1, output })).toBe(expected);
  expect(failsForLockfile({ exitCode: 0, output })).toBe(false);
});
