import semver from 'semver';
import type { Toolchain } from '../environment/environment.js';
import type { Sandbox } from '../sandbox/sandbox.js';

/** A program that commands in the sandbox can start. */
export interface Installed {
  name: Toolchain['name'] | 'npm';
  /** The path in the sandbox. */
  path: string;
  /** In the form that npm's ranges need, such as `17.0.9`. */
  version: string;
  /** Whether a command gets this program if it only says the program's name. */
  isDefault: boolean;
  /**
   * Node: the folder whose `include/node` has the headers of this version; '' if there is none. npm: the
   * versions of Node that it supports. Other programs: ''.
   */
  detail: string;
}

const timeoutMs = 60_000;

/**
 * Asks for the versions of toolchains by running them in a sandbox. So the answer is the same for every
 * backend, and is what the commands of a repository get.
 * @throws Error when the sandbox does not work
 */
export async function askMachine(
  sandbox: Sandbox,
  names: readonly Toolchain['name'][],
): Promise<Installed[]> {
  const asked = [...new Set(['node', ...names])];
  const { exitCode, output, stdout } = await sandbox.execute({ script, args: asked, cwd: '/tmp', timeoutMs });
  if (exitCode !== 0)
    throw new Error(`The versions of the toolchains could not be read: ${output.trim().slice(-300)}`);
  return stdout.split('\n').flatMap((line) => {
    const [name, isDefault, path, printed, detail] = line.split('\t');
    const version = readVersion(printed ?? '');
    if (!name || !path || version === null) return [];
    return [
      { name: name as Installed['name'], path, version, isDefault: isDefault === '1', detail: detail ?? '' },
    ];
  });
}

/** Reads the first version in what a program printed, such as `openjdk version "17.0.9"`. */
function readVersion(printed: string): string | null {
  const [, text] = /(?:^|[^\d.])v?(\d+\.\d+(?:\.\d+)?)/.exec(printed) ?? [];
  if (text === undefined) {
    // A new version of Java has no dot: `openjdk version "21"`.
    const [, major] = /version "(\d+)"/.exec(printed) ?? [];
    return major === undefined ? null : `${major}.0.0`;
  }
  const version = semver.coerce(text);
  // Until version 8, Java called itself 1.8.
  if (version?.major === 1 && /(?:java|jdk) version/.test(printed)) return `${version.minor}.0.0`;
  return version?.version ?? null;
}

/*
 * Prints one line for each program: its name, whether it is the default, its path, what it prints as its
 * version, and the detail. `SANDBOX_TOOL_PATHS` can name the folder of a version manager, so folders of
 * versions below the folders of PATH count, too.
 */
const script = `
shopt -s nullglob
IFS=: read -ra places <<< "$PATH"
folders=()
for place in "\${places[@]}"; do
  folders+=("$place")
  case "$place" in /usr/*|/bin|/home/agent/*) continue;; esac
  for one in "$place"/versions/*/bin "$place"/versions/node/*/bin "$place"/toolchains/*/bin \\
    "$place"/candidates/*/*/bin "$place"/*/bin; do folders+=("$one"); done
done
declare -A seen
try() {
  local name=$1 file=$2 real printed detail= default=0; shift 2
  [ -f "$file" ] && [ -x "$file" ] || return 0
  real=$(readlink -f -- "$file")
  [ -z "\${seen[$name $real]}" ] || return 0
  seen[$name $real]=1
  [ "$file" = "$(type -P -- "$name" 2>/dev/null)" ] && default=1
  printed=$(timeout 20 "$file" "$@" 2>&1 </dev/null | tr '\\t\\n' '  ' | cut -c1-200)
  if [ "$name" = node ]; then
    local prefix=\${real%/bin/*} major=\${printed#v}; major=\${major%%.*}
    grep -qsE "NODE_MAJOR_VERSION $major\\$" "$prefix/include/node/node_version.h" && detail=$prefix
  fi
  printf '%s\\t%s\\t%s\\t%s\\t%s\\n' "$name" "$default" "$file" "$printed" "$detail"
}
ask() {
  local name=$1 pattern=$2 folder file; shift 2
  local extra=(); [ "$name" = java ] && extra=(/usr/lib/jvm/*/bin)
  [ "$name" = go ] && extra=(/usr/lib/go-*/bin /usr/local/go/bin)
  for folder in "\${folders[@]}" "\${extra[@]}"; do
    for file in "$folder/$name" "$folder"/$pattern; do
      [[ \${file##*/} =~ ^[a-z]+[0-9.]*$ ]] && try "$name" "$file" "$@"
    done
  done
}
for name in "$@"; do
  case $name in
    node)
      ask node 'node[0-9]*' --version
      npm=$(type -P npm) && real=$(readlink -f -- "$npm") && printf 'npm\\t1\\t%s\\t%s\\t%s\\n' "$npm" \\
        "$(timeout 20 npm --version 2>/dev/null)" \\
        "$(sed -n '/"engines"/,/}/s/.*"node": *"\\([^"]*\\)".*/\\1/p' "\${real%/bin/*}/package.json" 2>/dev/null)";;
    python) ask python3 'python3.[0-9]*' --version | sed 's/^python3/python/';;
    go) GOTOOLCHAIN=local ask go 'go[0-9]*' version;;
    java) ask java 'java[0-9]*' -version;;
    ruby) ask ruby 'ruby[0-9]*' --version;;
    php) ask php 'php[0-9]*' --version;;
    rust) ask rustc 'rustc[0-9]*' --version | sed 's/^rustc/rust/';;
    dotnet)
      dotnet=$(type -P dotnet) && "$dotnet" --list-sdks 2>/dev/null | while read -r version _; do
        printf 'dotnet\\t1\\t%s\\t%s\\t\\n' "$dotnet" "$version"; done;;
    bun) ask bun 'bun[0-9]*' --version;;
    deno) ask deno 'deno[0-9]*' --version;;
  esac
done
true`;
