import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { findRunner } from '../../../src/evidence/commands/find-runner.js';
import { runTests } from '../../../src/evidence/run-tests.js';
import { makeSandboxFolder, type Sandboxes } from '../../../src/sandbox/sandbox.js';
import { openTestSandboxes } from '../../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';

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
    const installed = path.join(folder.path, 'installed');
    await mkdir(installed);
    await writeFile(path.join(installed, 'package.json'), '{"private":true}');
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--silent', '--prefer-offline'];
    try {
      execFileSync('npm', ['install', ...options, ...packages], { cwd: installed, stdio: 'pipe' });
      isInstalled = true;
    } catch (error) {
      console.warn(`not run: npm cannot install the test runners: ${String(error).slice(0, 300)}`);
    }
  });
  afterAll(() => folder.remove());

  /** Runs a script of a new package with these files. @returns the run, with the outcome of each test */
  async function run(
    script: string,
    files: Record<string, string>,
    { folder: inside = '', more = {} }: Options = {},
  ) {
    count += 1;
    const tree = path.join(folder.path, String(count));
    await makeSandboxFolder(tree, sandboxes.uid);
    const scripts = { test: script, ...more };
    const all = { 'package.json': JSON.stringify({ scripts }), ...files };
    for (const [name, text] of Object.entries(all)) {
      const file = path.join(tree, inside, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    const home = path.join(folder.path, `${count}-home`);
    await makeSandboxFolder(home, sandboxes.uid);
    const sandbox = sandboxes.open([
      { from: tree, to: '/workspace', writable: true },
      { from: home, to: '/home/agent', writable: true },
      { from: path.join(folder.path, 'installed/node_modules'), to: '/node_modules', writable: false },
    ]);
    try {
      const command = { command: 'npm test', folder: inside, ...findRunner(script, scripts) };
      const { run: result } = await runTests(sandbox, command, { timeoutMs: 60_000 });
      const outcomes = Object.fromEntries(result.cases.map(({ id, outcome }) => [id, outcome]));
      return { ...result, outcomes };
    } finally {
      await sandbox.dispose();
    }
  }
  return { run, isInstalled: () => isInstalled };
}
