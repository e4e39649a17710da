import type { Sandbox } from '../sandbox/sandbox.js';
import { runScript } from './run-script.js';
import type { WrittenFile } from './workspace.js';

const maxListed = 5000;

/**
 * Prints the paths that changed since a time ($1) and differ from the commit, one per line, each after the id
 * of its blob and a space. The id is `-` for a deleted file. Of the paths in the standard input, also prints
 * those that were written again with the same content. Leaves out links, and paths with a line break. If the
 * tests broke the repository in `.git`, git lists nothing.
 */
const script = `
set -u
cd /workspace
list=$(mktemp) found=$(mktemp)
git -c core.hooksPath=/dev/null -c core.fsmonitor=false status --porcelain=v1 -z --no-renames \\
  --untracked-files=all --ignore-submodules=all 2>/dev/null | cut -z -c4- > "$list"
while IFS= read -r -d '' one; do
  case "$one" in *$'\\n'*) continue ;; esac
  [ -e "$one" ] || [ -L "$one" ] || printf -- '- %s\\n' "$one"
done < "$list"
cat "$list" - | sed -z 's|^|./|' | SINCE=$1 xargs -0 -r \\
  bash -c 'find "$@" -maxdepth 0 -type f -newerct "@$SINCE" -print0' bash 2>/dev/null |
  sed -z 's|^\\./||' | sort -zu | grep -zvP '\\n' | head -z -n ${maxListed} | tr '\\0' '\\n' > "$found"
git hash-object --stdin-paths < "$found" 2>/dev/null | paste -d ' ' - "$found"
`;

/**
 * Returns the files that commands wrote or deleted in a tree since a time. Leaves out paths that git ignores,
 * and tracked files whose content is that of the commit.
 * @param since in milliseconds since 1970
 * @param files paths that count even if they were written with the content of the commit
 */
export async function listWritten(
  sandbox: Sandbox,
  since: number,
  files: readonly string[],
): Promise<WrittenFile[]> {
  const input = files.map((file) => `${file}\0`).join('');
  const { stdout } = await runScript(sandbox, script, [String(since / 1000)], input);
  return stdout.split('\n').flatMap((line) => {
    const [, id, path] = /^(-|[0-9a-f]{40,64}) (.+)$/.exec(line) ?? [];
    return path === undefined ? [] : [{ path, blob: id === '-' || id === undefined ? null : id }];
  });
}
