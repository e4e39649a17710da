import { asSentence, diskFull, isDiskFull, RunEndedError } from '../runs/outcome.js';
import type { Execution, Sandbox } from '../sandbox/sandbox.js';

const timeoutMs = 300_000;

/**
 * Runs one of our own scripts (snapshot-scripts.ts) in a sandbox that may contain a hostile tree.
 * @throws RunEndedError when the script fails because of the tree
 */
export async function runScript(sandbox: Sandbox, script: string, args: string[]): Promise<Execution> {
  const execution = await sandbox.execute({
    script,
    args,
    timeoutMs,
    // The set-up may have installed a program called `git` into the home. Our scripts must not find it.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  });
  if (execution.exitCode === 0) return execution;
  if (execution.ended !== 'exited' && execution.ended !== 'stopped')
    throw failed(
      `Git was stopped while it recorded the repository's files (${execution.ended.replace('-', ' ')}). ` +
        'Are build outputs missing from .gitignore?',
    );
  const reason = execution.ended === 'exited' ? execution.output.trim().slice(-500) : execution.ended;
  if (isDiskFull(reason)) throw new RunEndedError(diskFull);
  if (/File too large|file size limit/i.test(reason))
    throw failed(asSentence(`Git could not record the repository's files: ${reason}`));
  throw new Error(`git failed in the sandbox (${execution.exitCode ?? execution.ended}): ${reason}`);
}

function failed(reason: string): RunEndedError {
  return new RunEndedError({ kind: 'failed', reason });
}
