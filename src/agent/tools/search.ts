import { z } from 'zod';
import { defineTool } from './define-tool.js';

/** ripgrep where the machine has it, else git's own; both leave out what the repository ignores. */
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
  description: 'Find a regular expression in files: path:line:text.',
  input: z.object({
    pattern: z.string().min(1),
    path: z.string().optional(),
    glob: z.string().optional().describe('such as *.ts'),
  }),
  summarise: ({ pattern, path }) => `${pattern}${path ? ` in ${path}` : ''}`,
  call: async ({ pattern, path, glob }, { workspace, commandTimeoutMs, signal }) => {
    const args = [pattern, path ?? '.', glob ?? ''];
    const { exitCode, stdout, output } = await workspace.sandbox.execute({
      script,
      args,
      timeoutMs: Math.min(60_000, commandTimeoutMs),
      signal,
    });
    if (exitCode === 1 && stdout === '') return { ok: true, text: 'nothing found' };
    return {
      ok: exitCode === 0,
      text: exitCode === 0 ? stdout.trimEnd() : `search failed: ${output.trim()}`,
    };
  },
});
