import type { Sandbox } from '../sandbox/sandbox.js';
import { runScript } from './run-script.js';

const maxListed = 5000;

/**
 * Prints the paths that changed since a time ($1) and differ from the commit, one per line. Of the paths in
 * the standard input, also prints those that were written again with the same content. A line break in a path
 * becomes `?`. If the tests broke the repository in `.git`, git lists nothing.
 */
const script = `
set -u
cd /workspace
list=$(mktemp)
git -c core.hooksPath=/dev/null -c core.fsmonitor=false status --porcelain=v1 -z --no-renames \\
  --ignore-submodules=all 2>/dev/null | cut -z -c4- > "$list"
{
  while IFS= read -r -d '' one; do
    [ -e "$one" ] || [ -L "$one" ] || printf '%s\\0' "$one"
  done < "$list"
  cat "$list" - | sed -z 's|^|./|' | SINCE=$1 xargs -0 -r \\
    bash -c 'find "$@" -maxdepth 0 -newerct "@$SINCE" -print0' bash 2>/dev/null | sed -z 's|^\\./||'
} | sort -zu | tr '\\n\\0' '?\\n' | head -n ${maxListed}
`;

/**
 * Returns the paths that commands wrote or deleted in a tree since a time. Leaves out paths that git ignores,
 * and tracked files whose content is that of the commit. If git tracks nothing in a folder, the folder is in
 * the list, with a slash at the end, and its files are not.
 * @param since in milliseconds since 1970
 * @param files paths that count even if they were written with the content of the commit
 */
export async function listWritten(
  sandbox: Sandbox,
  since: number,
  files: readonly string[],
): Promise<string[]> {
  const input = files.map((file) => `${file}\0`).join('');
  const { stdout } = await runScript(sandbox, script, [String(since / 1000)], input);
  return stdout.split('\n').filter(Boolean);
}
