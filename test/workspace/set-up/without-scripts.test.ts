import { describe, expect, test } from '@jest/globals';
import { failsForNetwork, withoutScripts } from '../../../src/workspace/set-up/without-scripts.js';

describe('withoutScripts keeps the scripts of packages from running in', () => {
  const yarn = 'YARN_ENABLE_SCRIPTS=false npm_config_ignore_scripts=true yarn';
  test.each([
    ['npm ci --no-audit --no-fund', 'npm ci --ignore-scripts --no-audit --no-fund'],
    ['npm install', 'npm install --ignore-scripts'],
    ['cd api && npm i', 'cd api && npm i --ignore-scripts'],
    ['CI=1 npm ci', 'CI=1 npm ci --ignore-scripts'],
    ['pnpm install --frozen-lockfile', 'pnpm install --ignore-scripts --frozen-lockfile'],
    ['yarn', yarn],
    ['yarn && yarn build', `${yarn} && yarn build`],
    ['yarn install --immutable', `${yarn} install --immutable`],
    [
      'x=1 && yarn install --frozen-lockfile; code=$?; exit $code',
      `x=1 && ${yarn} install --ignore-scripts --frozen-lockfile; code=$?; exit $code`,
    ],
    ['bun install', 'bun install --ignore-scripts'],
    ['composer install -n', 'composer install --no-scripts -n'],
    ['npm ci && (cd web && npm ci)', 'npm ci --ignore-scripts && (cd web && npm ci --ignore-scripts)'],
  ])('%s', (command, expected) => {
    expect(withoutScripts(command)).toBe(expected);
  });
});

test.each([
  'npm run build',
  'npm ci --ignore-scripts',
  'case "$(npm --version)" in 9.*) ;; *) false;; esac || npm install --global --prefix "$HOME/.local" pnpm@9',
  'yarn build',
  'pip install -r requirements.txt',
  'make install',
  'echo npm ci',
])('withoutScripts knows no other way for: %s', (command) => {
  expect(withoutScripts(command)).toBeNull();
});

test.each([
  [1, 'npm error request to https://x failed, reason: getaddrinfo ENOTFOUND x', [], true],
  [1, 'fatal: Could not resolve host: github.com', [], true],
  [1, 'exit', ['cdn.example:443'], true],
  [null, 'request failed: ETIMEDOUT', [], true],
  [0, 'ENOTFOUND, but it went on', ['cdn.example:443'], false],
  [1, 'error: expected ; before }', [], false],
])('failsForNetwork: exit code %s, %s, %s', (exitCode, output, refusedHosts, expected) => {
  expect(failsForNetwork({ exitCode, output, refusedHosts })).toBe(expected);
});
