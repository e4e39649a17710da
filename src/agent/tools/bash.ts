import { z } from 'zod';
import { defineTool } from './define-tool.js';
import { describeEnd } from './describe-end.js';

/** Keeps commands from waiting for a person, and from printing what only a terminal can show. */
const env = {
  ...{ PAGER: 'cat', GIT_PAGER: 'cat', MANPAGER: 'cat', SYSTEMD_PAGER: '' },
  ...{ NO_COLOR: '1', TERM: 'dumb' },
  ...{ GIT_EDITOR: 'true', EDITOR: 'true', GIT_TERMINAL_PROMPT: '0', DEBIAN_FRONTEND: 'noninteractive' },
  // There is no network. Further attempts would only take more than a minute.
  ...{ npm_config_fetch_retries: '0', PIP_RETRIES: '0' },
};

export const bash = defineTool({
  name: 'bash',
  description:
    'Run a bash script in /workspace, in a new shell without a terminal. Only files outside /tmp remain for ' +
    'the next call, no variables or processes. The time limit is in the task. Returns the output; if it ' +
    'exceeds 8,000 characters, its first and last 4,000 and a file in /outputs.',
  input: z.object({ command: z.string().min(1) }),
  summarize: ({ command }) => command,
  call: async ({ command }, { workspace, commandTimeoutMs, signal }) => {
    const execution = await workspace.sandbox.execute({
      script: command,
      env,
      services: true,
      timeoutMs: commandTimeoutMs,
      signal,
    });
    const ok = execution.exitCode === 0;
    const parts = [execution.output.trimEnd(), ok ? '' : `[${describeEnd(execution)}]`];
    return { ok, text: parts.filter(Boolean).join('\n') || '[no output]' };
  },
});
