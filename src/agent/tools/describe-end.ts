import type { Execution } from '../../sandbox/sandbox.js';

const limits: Record<Exclude<Execution['ended'], 'exited' | 'stopped'>, string> = {
  timeout: 'time limit reached',
  'output-limit': 'output limit reached',
  'memory-limit': 'memory limit reached',
  'process-limit': 'process limit reached',
  'disk-limit': 'disk limit reached; nothing more can be written until you delete files',
  'not-measured': "the command's resource use could not be measured",
};

/** Describes to the model how a command ended, such as `killed after 300.0 s: time limit reached`. */
export function describeEnd(
  execution: Pick<Execution, 'exitCode' | 'durationMs'> & { ended: Execution['ended'] | 'did-not-exit' },
): string {
  const { ended, exitCode, durationMs } = execution;
  if (ended === 'exited') return `exit code ${exitCode}`;
  if (ended === 'stopped') return 'stopped';
  if (ended === 'did-not-exit') return 'the tests finished, but the command did not exit';
  return `killed after ${(durationMs / 1000).toFixed(1)} s: ${limits[ended]}`;
}
