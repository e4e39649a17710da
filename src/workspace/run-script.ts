import { asSentence, diskFull, isDiskFull, RunEndedError } from '../runs/outcome.js';
import type { Execution, Sandbox } from '../sandbox/sandbox.js';

const timeoutMs = 300_000;

/**
 * Runs one of the scripts in snapshot-scripts.ts. The sandbox can contain a hostile tree.
 * @throws RunEndedError if the script fails because of the tree
 */
export async function runScript(
  sandbox: Sandbox,
  script: string,
  args: string[],
  stdin?: string,
): Promise<Execution> {
  const execution = await sandbox.execute({
    script,
    args,
    timeoutMs,
    ...(stdin !== undefined && { stdin }),
    // A set-up command can install a program called `git` in the home folder. Our scripts must not run that
    // program.
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
