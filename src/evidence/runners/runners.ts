import { cargo } from './cargo.js';
import { command } from './command.js';
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

/** Every test runner that we know, in the order in which a repository's files are asked for it. */
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
  // A repository with both kinds of build files is Maven's.
  maven,
  gradle,
  // minitest runs any test that RSpec does not.
  rspec,
  minitest,
  phpunit,
  dotnet,
  // Last: a Makefile often calls one of the others.
  command,
];

/** @throws Error on a name that no runner has */
export function getRunner(name: string): Runner {
  const runner = runners.find((one) => one.name === name);
  if (!runner) throw new Error(`no test runner is called ${name}`);
  return runner;
}

/** A glob for the files that change which tests run and how, whatever the runner. */
export const settingsFiles = `**/{${[...new Set(runners.flatMap((runner) => runner.settingsFiles))].join(',')}}`;

/** Keys of a package.json that hold settings of a runner. */
export const packageKeys: readonly string[] = [
  ...new Set(runners.flatMap((runner) => runner.packageKeys ?? [])),
];

/** Whether any runner would take a path for a test, or for a helper, fixture or snapshot of one. */
export function isTestPath(path: string): boolean {
  return runners.some(({ testPaths }) => testPaths.test(path));
}
