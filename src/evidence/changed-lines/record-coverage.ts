import { randomBytes } from 'node:crypto';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { TestCommand } from '../commands/find-commands.js';
import { createTestScript, splitOutput } from '../test-script.js';
import { addRecords, noRecords, type Records } from './read-records.js';

const maxOutputBytes = 32 * 1024 * 1024;
const graceMs = 15_000;
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
    const marker = `reports-${randomBytes(16).toString('hex')}`;
    const { script, env } = createTestScript(test, { marker, seconds: restMs / 1000, changed });
    const { stdout } = await sandbox.execute({
      script,
      env,
      cwd: test.folder,
      services: true,
      timeoutMs: restMs + graceMs,
      maxOutputBytes,
    });
    addRecords(all, splitOutput(stdout, marker).coverage ?? '', index * idsPerCommand);
  }
  return all;
}
