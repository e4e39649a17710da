import { z } from 'zod';
import type { Execution } from '../../sandbox/sandbox.js';
import { defineTool } from './define-tool.js';

export const bash = defineTool({
  name: 'bash',
  description: 'Run a bash script in /workspace.',
  input: z.object({ command: z.string().min(1) }),
  summarise: ({ command }) => command,
  call: async ({ command }, { workspace, commandTimeoutMs, signal }) => {
    const execution = await workspace.sandbox.execute({
      script: command,
      timeoutMs: commandTimeoutMs,
      signal,
    });
    return { ok: execution.exitCode === 0, text: describe(execution, commandTimeoutMs) };
  },
});

function describe({ output, exitCode, ended }: Execution, timeoutMs: number): string {
  const body = output.trimEnd();
  const note = {
    exited: exitCode === 0 ? '' : `[exit code ${exitCode}]`,
    timeout: `[killed: it ran for longer than ${timeoutMs / 1000} s]`,
    'output-limit': '[killed: too much output]',
    'memory-limit': '[killed: it used more memory than there is for a command]',
    'process-limit': '[killed: it started more processes than a command may]',
    'disk-limit':
      '[killed: there is more in its folders than there may be; until some of it is removed, nothing can be written]',
    'not-measured': '[killed: the server could not measure what it used]',
    stopped: '[stopped]',
  }[ended];
  return [body, note].filter(Boolean).join('\n') || '[no output]';
}
