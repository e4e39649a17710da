import { diskFull, isDiskFull, RunEndedError } from '../runs/outcome.js';
import type { Execution, Sandbox } from '../sandbox/sandbox.js';

const gitTimeoutMs = 300_000;

/**
 * Runs one of our own scripts (snapshot-scripts.ts) in a sandbox that may hold a hostile tree.
 * @throws RunEnded where the tree is such that it cannot be done
 */
export async function runGit(sandbox: Sandbox, script: string, args: string[]): Promise<Execution> {
  const execution = await sandbox.execute({
    script,
    args,
    timeoutMs: gitTimeoutMs,
    // Nothing that set-up installed into the home is taken for git.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  });
  if (execution.exitCode === 0) return execution;
  if (execution.ended !== 'exited' && execution.ended !== 'stopped')
    throw new RunEndedError({
      kind: 'failed',
      reason: `the repository's tree could not be handled: git was ended (${execution.ended}); are build outputs missing in .gitignore?`,
    });
  const reason = execution.ended === 'exited' ? execution.output.trim().slice(-500) : execution.ended;
  if (isDiskFull(reason)) throw new RunEndedError(diskFull);
  if (/File too large|file size limit/i.test(reason))
    throw new RunEndedError({
      kind: 'failed',
      reason: `the repository's tree could not be handled: ${reason}`,
    });
  throw new Error(`git in the sandbox failed (${execution.exitCode ?? execution.ended}): ${reason}`);
}
