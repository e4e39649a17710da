import type { Sandbox } from '../../sandbox/sandbox.js';
import type { TestCommand } from '../commands/find-commands.js';
import { runTestScript } from '../test-script.js';
import { addRecords, noRecords, type Records } from './read-records.js';

/** Processes of different commands can have the same id. */
const idsPerCommand = 2 ** 32;

/**
 * Runs all tests and records which parts of the changed files run. The results of the tests are not read.
 * @param changed paths of the changed files
 * @param timeoutMs time limit for all commands together
 */
export async function recordCoverage(
  sandbox: Sandbox,
  tests: readonly TestCommand[],
  changed: readonly string[],
  timeoutMs: number,
): Promise<Records> {
  const deadline = Date.now() + timeoutMs;
  const all = noRecords();
  for (const [index, test] of tests.entries()) {
    const restMs = deadline - Date.now();
    if (restMs < 1000) break;
    const { parts } = await runTestScript(sandbox, test, { timeoutMs: restMs, changed });
    addRecords(all, parts.coverage ?? '', index * idsPerCommand);
  }
  return all;
}
