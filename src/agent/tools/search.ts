import { z } from 'zod';
import { defineTool } from './define-tool.js';
import { describeEnd } from './describe-end.js';

/** Uses ripgrep if it is installed, otherwise `git grep`. Both skip files that git ignores. */
const script = `
if command -v rg >/dev/null; then
  args=(--line-number --no-heading --color never --max-columns 400 --sort path --hidden --glob '!.git')
  [ -n "$3" ] && args+=(--glob "$3")
  exec rg "\${args[@]}" --regexp "$1" -- "$2"
fi
[ -n "$3" ] && exec git grep --no-index --exclude-standard -nIE -e "$1" -- ":(glob)\${2#./}/**/$3"
exec git grep --no-index --exclude-standard -nIE -e "$1" -- "$2"
`;

export const search = defineTool({
  name: 'search',
  description:
    'Search for a regular expression in all files that git does not ignore. Returns path:line:text.',
  input: z.object({
    pattern: z.string().min(1),
    path: z.string().optional().describe('file or folder'),
    glob: z.string().optional().describe('such as *.ts'),
  }),
  summarize: ({ pattern, path }) => `${pattern}${path ? ` in ${path}` : ''}`,
  call: async ({ pattern, path, glob }, { workspace, commandTimeoutMs, signal }) => {
    const args = [pattern, path ?? '.', glob ?? ''];
    const execution = await workspace.sandbox.execute({
      script,
      args,
      timeoutMs: Math.min(60_000, commandTimeoutMs),
      signal,
    });
    const { exitCode, stdout, output } = execution;
    if (exitCode === 0) return { ok: true, text: stdout.trimEnd() };
    if (exitCode === 1 && stdout === '') return { ok: true, text: 'No matches.' };
    return { ok: false, text: `The search failed (${describeEnd(execution)}): ${output.trim()}` };
  },
});
