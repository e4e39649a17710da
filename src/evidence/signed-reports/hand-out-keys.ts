import { reportsPath } from '../runners/runner.js';

/**
 * Bash functions with which the test script hands out keys. A test runner signs the lines of its report with
 * its key, which the tests do not know (reporters/sign-report.cjs asks for it). The keys are in the array
 * `keys`, in the memory of the script. A process gets its key through a file that it holds open, so it cannot
 * ask for another one. It gets none below a process in which a runner reports the tests of others, because it
 * is a test then, and none if Pullwright's files have changed. Their inode and their time of change are
 * compared, because a test can write the old content again.
 */
export const keyFunctions = `list_files() { stat -c '%n %i %z' "\${files[@]}" 2>&1; }
open_keys() {
  files=(${reportsPath}/*.* ${reportsPath}/bin/*)
  unchanged=$(list_files)
  holders=(); kinds=()
  mkfifo ${reportsPath}/asks && exec {asks}<> ${reportsPath}/asks {silence}<> <(:)
}
may_sign() {
  local at=$1 line
  until [ "$at" = "$tests" ]; do
    case "\${kinds[\${holders[at]:-\${#kinds[@]}}]}" in runner|in-band) return 1;; esac
    # The name of a process can contain line breaks and brackets.
    read -r -d '' line < "/proc/$at/stat"
    read -r line at line <<< "\${line##*) }"
    [ "\${at:-0}" -gt 1 ] || return 1
  done
}
answer() {
  local pid=$1 kind=$2 file=/proc/$1/fd/$3 next=\${#kinds[@]} key=unsigned
  if [ -z "$3" ]; then
    [ -z "\${holders[pid]}" ] || kinds[holders[pid]]=in-band
  elif [ "$file" -ef "${reportsPath}/ask-$pid" ]; then
    if ! may_sign "$pid"; then key=none
    elif [ "$unchanged" = "$(list_files)" ] && [ -n "\${keys[next]}" ]; then
      holders[pid]=$next; kinds[next]=$kind; key="$next \${keys[next]}"
    fi
    echo "$key" > "$file"
  fi
}
hand_out_keys() {
  local line
  while kill -0 "$tests"; do
    # This wait must not read a question, because its time can be over in the middle of a line.
    read -t 0 -u "$asks" || { read -t 0.01 -u "$silence"; continue; }
    read -r -t 1 -u "$asks" line || continue
    [[ $line =~ ^[1-9][0-9]{0,8}\\ (runner|tests|in-band)(\\ [0-9]+)?$ ]] && answer $line
  done
}`;

/**
 * Returns shell code that prints a section with the kind of each process that got a key, in order. The word
 * `changed` follows if the tests changed Pullwright's files, and the word `mapped` if the backend replaces
 * paths in scripts and in what they print.
 */
export function printSigners(section: string): string {
  return `[ "$unchanged" = "$(list_files)" ] || kinds+=(changed)
[ /tm''p = /tmp ] || kinds+=(mapped)
printf '\\n%s %s\\n%s\\n' "$marker" ${section} "\${kinds[*]}"`;
}
