import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { findRunner } from '../../../src/evidence/commands/find-runner.js';
import { runTests } from '../../../src/evidence/run-tests.js';
import { type Mount, makeSandboxFolder, type Sandbox, type Sandboxes } from '../../../src/sandbox/sandbox.js';
import { openTestSandboxes } from '../../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';
import { writeTree } from './write-tree.js';

interface Options {
  /** The folder of the package, relative to the root of the repository. */
  folder?: string;
  /** More scripts of the package. */
  more?: Record<string, string>;
}

/** Installs test runners from the npm registry, for one test file. All of them share one installation. */
export function useNodeRunners(packages: readonly string[]) {
  let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
  let sandboxes: Sandboxes;
  let isInstalled = false;
  let count = 0;

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    sandboxes = await openTestSandboxes(folder.path, 1024);
    isInstalled = await install(path.join(folder.path, 'installed'), packages);
  });
  afterAll(() => folder.remove());

  /**
   * Opens a sandbox with a new package that contains these files. The runners are in /node_modules, if they
   * could be installed.
   */
  async function open(files: Record<string, string>, mounts: readonly Mount[] = []): Promise<Sandbox> {
    count += 1;
    const tree = path.join(folder.path, String(count));
    await writeTree(tree, files, sandboxes.uid);
    const home = path.join(folder.path, `${count}-home`);
    await makeSandboxFolder(home, sandboxes.uid);
    const runners = { from: path.join(folder.path, 'installed/node_modules'), to: '/node_modules' };
    return sandboxes.open([
      { from: tree, to: '/workspace', writable: true },
      { from: home, to: '/home/agent', writable: true },
      ...(isInstalled ? [{ ...runners, writable: false }] : []),
      ...mounts,
    ]);
  }

  /** Runs a script of a new package with these files. @returns the run, with the outcome of each test */
  async function run(
    script: string,
    files: Record<string, string>,
    { folder: inside = '', more = {} }: Options = {},
  ) {
    const scripts = { test: script, ...more };
    const all = { 'package.json': JSON.stringify({ scripts }), ...files };
    const sandbox = await open(
      Object.fromEntries(Object.entries(all).map(([name, text]) => [path.join(inside, name), text])),
    );
    try {
      const command = { command: 'npm test', folder: inside, ...findRunner(script, scripts) };
      const { run: result } = await runTests(sandbox, command, { timeoutMs: 60_000 });
      const outcomes = Object.fromEntries(result.cases.map(({ id, outcome }) => [id, outcome]));
      return { ...result, outcomes };
    } finally {
      await sandbox.dispose();
    }
  }
  return { open, run, isInstalled: () => isInstalled };
}

/** @returns false if npm cannot install the packages, for example without a registry */
async function install(folder: string, packages: readonly string[]): Promise<boolean> {
  await mkdir(folder);
  await writeFile(path.join(folder, 'package.json'), '{"private":true}');
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--silent', '--prefer-offline'];
  try {
    execFileSync('npm', ['install', ...options, ...packages], { cwd: folder, stdio: 'pipe' });
    return true;
  } catch (error) {
    console.warn(`not run: npm cannot install the test runners: ${String(error).slice(0, 300)}`);
    return false;
  }
}
