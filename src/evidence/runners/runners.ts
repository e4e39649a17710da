import { cargo } from './cargo.js';
import { command } from './command.js';
import { deno } from './deno.js';
import { dotnet } from './dotnet.js';
import { go } from './go.js';
import { gradle } from './jvm/gradle.js';
import { maven } from './jvm/maven.js';
import { jest } from './node/jest.js';
import { mocha } from './node/mocha.js';
import { nodeTest } from './node/node-test.js';
import { vitest } from './node/vitest.js';
import { phpunit } from './phpunit.js';
import { pytest } from './python/pytest.js';
import { unittest } from './python/unittest.js';
import { minitest } from './ruby/minitest.js';
import { rspec } from './ruby/rspec.js';
import type { Runner } from './runner.js';

/** All known test runners, in the order in which they are tried on a repository's files. */
export const runners: readonly Runner[] = [
  nodeTest,
  jest,
  vitest,
  mocha,
  // unittest runs any test that pytest does not.
  pytest,
  unittest,
  go,
  cargo,
  // A repository that has both kinds of build files uses Maven.
  maven,
  gradle,
  // minitest runs any test that RSpec does not.
  rspec,
  minitest,
  phpunit,
  dotnet,
  deno,
  // A Makefile usually calls one of the others, so it comes last.
  command,
];

/** @throws Error if no runner has this name */
export function getRunner(name: string): Runner {
  const runner = runners.find((one) => one.name === name);
  if (!runner) throw new Error(`no test runner is called ${name}`);
  return runner;
}

/** A glob that matches every runner's settings files. */
export const settingsFiles = `**/{${[...new Set(runners.flatMap((runner) => runner.settingsFiles))].join(',')}}`;

/** The package.json keys of all runners. */
export const packageKeys: readonly string[] = [
  ...new Set(runners.flatMap((runner) => runner.packageKeys ?? [])),
];

/** Whether any runner takes this path for a test, or for a helper, fixture or snapshot of one. */
export function isTestPath(path: string): boolean {
  return runners.some(({ testPaths }) => testPaths.test(path));
}
