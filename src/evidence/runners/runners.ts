import { bun } from './bun.js';
import { cargo } from './cargo.js';
import { command } from './command.js';
import { deno } from './deno.js';
import { dotnet } from './dotnet.js';
import { go } from './go.js';
import { gradle } from './jvm/gradle.js';
import { maven } from './jvm/maven.js';
import { ava } from './node/ava.js';
import { jasmine } from './node/jasmine.js';
import { jest } from './node/jest.js';
import { lab } from './node/lab.js';
import { mocha } from './node/mocha.js';
import { nodeTest } from './node/node-test.js';
import { smallRunners } from './node/small-runners.js';
import { tap, tape } from './node/tap.js';
import { vitest } from './node/vitest.js';
import { phpunit } from './phpunit.js';
import { pytest } from './python/pytest.js';
import { unittest } from './python/unittest.js';
import { minitest } from './ruby/minitest.js';
import { rspec } from './ruby/rspec.js';
import type { Runner } from './runner.js';

/** All known test runners. Pullwright tries them in this order on a repository's files. */
export const runners: readonly Runner[] = [
  nodeTest,
  jest,
  vitest,
  mocha,
  ava,
  jasmine,
  lab,
  // `tap` is also the name of a reporter of the runners above.
  tap,
  tape,
  ...smallRunners,
  // pytest comes before unittest, because unittest is the fallback for Python.
  pytest,
  unittest,
  go,
  cargo,
  // Maven comes before Gradle. If a repository has build files for both, Pullwright uses Maven.
  maven,
  gradle,
  // RSpec comes before Minitest, because Minitest is the fallback for Ruby.
  rspec,
  minitest,
  phpunit,
  dotnet,
  deno,
  bun,
  // This runner comes last, because it runs `make test`. A Makefile usually starts one of the runners above.
  command,
];

/** @throws Error if no runner has this name */
export function getRunner(name: string): Runner {
  const runner = runners.find((one) => one.name === name);
  if (!runner) throw new Error(`no test runner is called ${name}`);
  return runner;
}

/** A glob that matches the settings files of all runners. */
export const settingsFiles = `**/{${[...new Set(runners.flatMap((runner) => runner.settingsFiles))].join(',')}}`;

/** The keys of a package.json that contain the settings of any runner. */
export const packageKeys: readonly string[] = [
  ...new Set(runners.flatMap((runner) => runner.packageKeys ?? [])),
];

/**
 * Checks whether a path belongs to a test, or to a helper, fixture or snapshot of a test, in any language.
 */
export function isTestPath(path: string): boolean {
  return runners.some(({ testPaths }) => testPaths.test(path));
}
