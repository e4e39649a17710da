import { z } from 'zod';
import { defineTool } from './define-tool.js';
import { describeEnd } from './describe-end.js';

/**
 * Uses `git grep`, because git is on every server. Ripgrep would be faster, but it has other regular
 * expressions, so one search could succeed on one server and fail on another. Cuts lines after 400 bytes.
 */
const script = `
set -o pipefail
folder="\${2#./}"
where="$folder"
if [ -n "$3" ]; then
  [ "$folder" = . ] && where=":(glob)**/$3" || where=":(glob)\${folder%/}/**/$3"
fi
git grep --no-index --exclude-standard --line-number -IP -e "$1" -- "$where" | cut -b -400
`;

export const search = defineTool({
  name: 'search',
  description:
    'Find a Perl-compatible regular expression, line by line, in all files that git does not ignore. ' +
    'Returns path:line:text; cuts lines at 400 bytes, results as bash does. Time limit: 60 s.',
  input: z.object({
    pattern: z.string().min(1),
    path: z.string().optional().describe('file or folder'),
    glob: z.string().optional().describe('such as *.ts'),
  }),
  writes: () => false,
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
