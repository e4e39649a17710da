import type { InstalledPackage } from '../ecosystem.js';
import { detectLicense } from './detect-license.js';

/** Prints the path of the module that contains a package. */
const findModule = `
find_module() {
  local one=$1
  until go list -m -f '{{.Path}}' "$one" 2>/dev/null; do
    case $one in */*) one=\${one%/*};; *) return 1;; esac
  done
}`;

/** Prints what the go.sum needs a hash of. */
const hashed =
  '{{with .Replace}}{{if .Version}}{{.Path}}@{{.Version}}{{end}}{{else}}{{if .Version}}{{.Path}}@{{.Version}}{{end}}{{end}}';

/**
 * Adds the packages or modules in its arguments to the module in the current folder. Downloads what this
 * module and its workspace ask for. If GO_MOD_IS_EDITED is set, the go.mod already contains the modules.
 */
export const installScript = `set -o pipefail
${findModule}
# A path in the output can contain the word error.
quiet() { "$@" 2>&1 | { grep -v '^go: downloading ' || true; }; }
# Without \`direct\`, Go never connects to the host that is in a module's path.
GOPROXY=$(go env GOPROXY | sed -E 's/(^|[,|])(direct|off)//g; s/^[,|]//')
[ -n "$GOPROXY" ] || { echo 'error: GOPROXY names no proxy, and modules can only be added from a proxy' >&2; exit 1; }
# The base commit can choose a newer Go. The change cannot make Go download another one.
own=$(go env GOVERSION) || exit
newest=$(printf '%s\\n' "$own" "$BASE_TOOLCHAIN" | sort -V | tail -n 1)
[ "$BASE_TOOLCHAIN" = local ] || [ "$newest" = "$own" ] || GOTOOLCHAIN=$BASE_TOOLCHAIN
export GOPROXY GOTOOLCHAIN
add() {
  local GOWORK=off spec module one listed=() missing=()
  export GOWORK
  # Before Go 1.18, \`go get\` without -d builds the packages.
  quiet go get -d "$@" || return
  for spec in "$@"; do
    module=$(find_module "\${spec%@*}") || continue
    listed+=("$module")
    [ -z "$GO_MOD_IS_EDITED" ] || continue
    # Go marks a module as indirect if no source code imports it, and here is no source code.
    awk -v m="$module" '$1 == m || ($1 == "require" && $2 == m) { sub(/[ \\t]*\\/\\/ indirect$/, "") } { print }' \\
      go.mod > "$HOME/.go.mod" && cat "$HOME/.go.mod" > go.mod || return
  done
  # For the same reason, Go adds too few hashes: none of a module that got another version, for example.
  while read -r one; do listed+=("$one"); done < <(sed -n 's/^\\([^ ]*\\) v[^ /]* h1:.*/\\1/p' go.sum | sort -u)
  while read -r one; do
    [ -z "$one" ] || grep -qsF "\${one/@/ } h1:" go.sum || missing+=("$one")
  done < <(go list -m -e -f '${hashed}' "\${listed[@]}" | sort -u)
  [ \${#missing[@]} = 0 ] || quiet go mod download "\${missing[@]}"
}
{ [ $# = 0 ] || add "$@"; } && quiet go mod download`;

/** Prints a line for each package in its arguments: the name, and of its module version, size and license. */
export const inspectScript = `${findModule}
export GOENV=off GOPROXY=off GOWORK=off
for name in "$@"; do
  module=$(find_module "$name") && folder=$(go list -m -f '{{.Dir}}' "$module") && [ -d "$folder" ] || continue
  license=$(find "$folder" -maxdepth 1 -type f -iregex '.*/\\(un\\)?\\(licen[sc]e\\|copying\\)[^/]*' | sort | head -n 1)
  printf '%s\\t%s\\t%s\\t%s\\n' "$name" \\
    "$(go list -m -f '{{with .Replace}}{{.Path}} {{end}}{{with .Replace}}{{.Version}}{{else}}{{.Version}}{{end}}' "$module")" \\
    "$(find "$folder" -type f -printf '%s\\n' | awk '{ sum += $1 } END { print sum + 0 }')" \\
    "$([ -z "$license" ] || head -c 20000 -- "$license" | base64 -w 0)"
done`;

/** Reads what `inspectScript` printed. Go runs no code of a module, neither to install nor to build it. */
export function readInspection(printed: string): Record<string, InstalledPackage> {
  const lines = printed.split('\n').filter(Boolean);
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', version = '', bytes = '', license = ''] = line.split('\t');
      const text = Buffer.from(license, 'base64').toString();
      return [name, { version, license: detectLicense(text), bytes: Number(bytes), installScripts: [] }];
    }),
  );
}
