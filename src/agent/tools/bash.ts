import { z } from 'zod';
import { defineTool } from './define-tool.js';
import { describeEnd } from './describe-end.js';

export const bash = defineTool({
  name: 'bash',
  description: 'Run a bash script in /workspace, in a new shell without a terminal. Returns its output.',
  input: z.object({ command: z.string().min(1) }),
  summarize: ({ command }) => command,
  call: async ({ command }, { workspace, commandTimeoutMs, signal }) => {
    const execution = await workspace.sandbox.execute({
      script: command,
      timeoutMs: commandTimeoutMs,
      signal,
    });
    const ok = execution.exitCode === 0;
    const parts = [execution.output.trimEnd(), ok ? '' : `[${describeEnd(execution)}]`];
    return { ok, text: parts.filter(Boolean).join('\n') || '[no output]' };
  },
});
