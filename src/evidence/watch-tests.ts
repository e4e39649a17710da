import path from 'node:path';
import { reportsPath } from './runners/runner.js';

/** The file in which the script records what keeps the test command running. */
export const heldFile = `${reportsPath}/held`;
/** The file in which the script records what runs shortly before the time limit. */
export const lateFile = `${reportsPath}/late`;

/** Seconds between two looks at the processes. */
const interval = 2;
/** Seconds without movement after which tests that have ended count as held. */
const patience = 14;
/** Processor time, in hundredths of a second, that counts as no movement between two looks. */
const maxTicks = 4;

/**
 * Bash functions that end a test command if its tests have ended and the command does not exit.
 * `watch_tests <pid>` watches the process and its descendants. A runner writes a complete report when its
 * tests have ended. The command is held if this runner still runs, and all processes together use almost no
 * processor time. The function then records the processes and their sockets in `held`, and kills them.
 */
export const watchFunctions = `look() {
  local stat line fields pid root=$1
  parents=(); ticks=0; members=()
  local -A times=()
  for stat in /proc/[0-9]*/stat; do
    { read -r line < "$stat"; } 2>/dev/null || continue
    pid=\${line%% *}
    read -r -a fields <<< "\${line##*) }"
    parents[pid]=\${fields[1]}; times[$pid]=$((fields[11] + fields[12]))
  done
  for pid in "\${!parents[@]}"; do
    is_below "$pid" "$root" || continue
    members+=("$pid"); ticks=$((ticks + times[$pid]))
  done
}
is_below() {
  local pid=$1
  while [ -n "$pid" ] && [ "$pid" -gt 1 ]; do
    [ "$pid" = "$2" ] && return 0
    pid=\${parents[pid]:-}
  done
  return 1
}
find_ended() {
  local report pid
  for report in ${reportsPath}/*-[0-9]*; do
    pid=\${report##*-}; pid=\${pid%%.*}
    [ -f "$report" ] && [ -d "/proc/$pid" ] || continue
    case $report in
      *.tap) tail -c 200 "$report" | grep -Eq '(^| )# (pass|ok|time)' || continue;;
      *.json) [ "$(tail -c 2 "$report")" = '}' ] || continue;;
      *) tail -c 14 "$report" | grep -q '{"end": *true}$' || continue;;
    esac
    ended=$pid
    return 0
  done
  return 1
}
describe_process() {
  local pid=$1 fd link table name from to state inode sockets=' '
  echo "process $pid $(tr '\\0\\n' '  ' < "/proc/$pid/cmdline")"
  for fd in /proc/"$pid"/fd/*; do
    link=$(readlink "$fd")
    case $link in socket:*) sockets+="\${link//[!0-9]/} ";; esac
  done
  for table in /proc/net/tcp /proc/net/tcp6; do
    while read -r name from to state name name name name name inode name; do
      case $sockets in *" $inode "*) echo "socket $pid $state $from $to";; esac
    done < $table
  done
}
describe_held() {
  local pid
  for pid in "\${members[@]}"; do is_below "$pid" "$1" && describe_process "$pid"; done
}
describe_late() {
  local -a parents members
  local ticks pid
  look "$1"
  for pid in "\${members[@]}"; do
    case " \${parents[*]} " in *" $pid "*) ;; *) describe_process "$pid";; esac
  done
}
stop_early() {
  local -a parents members
  local ticks end=$((SECONDS + $2))
  while sleep 0.2; do
    [ $SECONDS -ge $end ] || grep -Eqs '"outcome": ?"failed"|^ *not ok ' ${reportsPath}/*-[0-9]* || continue
    look "$1"
    kill -KILL "\${members[@]}"
    return
  done
}
watch_tests() {
  local -a parents members
  local ticks ended before='' now quiet=0
  while sleep ${interval}; do
    find_ended || { before=''; continue; }
    look "$1"
    is_below "$ended" "$1" || continue
    now="\${members[*]}"
    if [ "\${before% *}" = "$now" ] && [ $((ticks - \${before##* })) -le ${maxTicks} ]; then
      quiet=$((quiet + ${interval}))
    else quiet=0; fi
    before="$now $ticks"
    [ $quiet -lt ${patience} ] && continue
    describe_held "$ended" > ${heldFile}
    kill -KILL "\${members[@]}"
    return
  done
}`;

interface Process {
  command: string;
  /** Ports on which the process waits for connections. */
  listens: number[];
  /** Ports of other servers to which the process is connected. */
  connected: number[];
}

/**
 * Says in one sentence what keeps the command from exiting.
 * @param record what `describe_held` wrote. The first process is the test runner.
 */
export function describeHeld(record: string): string {
  const processes = readProcesses(record);
  const [runner, ...others] = processes;
  const servers = processes.flatMap(({ listens, command }) =>
    listens.map((port) => `a server on port ${port} (${command})`),
  );
  const connections = [...new Set(processes.flatMap(({ connected }) => connected))].map(
    (port) => `an open connection to port ${port}`,
  );
  const children = others.map(({ command }) => `the process "${command}"`);
  const other = `something in "${runner?.command ?? 'the test runner'}", such as a timer`;
  const reasons = [servers, connections, children].find((list) => list.length > 0) ?? [other];
  const more = reasons.length > maxReasons ? ` and ${reasons.length - maxReasons} more` : '';
  const verb = reasons.length > 1 ? 'keep' : 'keeps';
  return `The tests finished, but the command did not exit: ${reasons.slice(0, maxReasons).join(', ')}${more} ${verb} it running.`;
}

/**
 * Says in one sentence which programs ran when the tests reached their time limit.
 * @param record what `describe_late` wrote: the processes without a child process
 * @returns '' if it wrote nothing
 */
export function describeLate(record: string): string {
  const running = readProcesses(record).map(({ command, connected }) => {
    const ports = [...new Set(connected)].map((port) => `port ${port}`);
    return `"${command}"${ports.length > 0 ? ` (connected to ${ports.join(', ')})` : ''}`;
  });
  const names = [...new Set(running)];
  if (names.length === 0) return '';
  const more = names.length > maxReasons ? ` and ${names.length - maxReasons} more` : '';
  return `At the time limit, these programs still ran: ${names.slice(0, maxReasons).join(', ')}${more}.`;
}

const maxReasons = 3;
const maxCommand = 80;
const listening = '0A';
const established = '01';

function readProcesses(record: string): Process[] {
  const processes = new Map<string, Process>();
  for (const line of record.split('\n')) {
    const [kind, pid = '', ...words] = line.split(' ');
    if (kind === 'process')
      processes.set(pid, { command: shorten(words.join(' ')), listens: [], connected: [] });
    const [state, from, to] = words;
    const known = kind === 'socket' ? processes.get(pid) : undefined;
    if (state === listening) known?.listens.push(portOf(from));
    if (state === established) known?.connected.push(portOf(to));
  }
  for (const one of processes.values()) {
    // A connection that another process opened belongs to the server on this port.
    one.listens = [...new Set(one.listens)];
    one.connected = one.connected.filter((port) => port < firstTemporary);
  }
  return [...processes.values()];
}

/** Ports from here on are those of clients. */
const firstTemporary = 32_768;

/** @param address an address and a port as in /proc/net/tcp, such as `0100007F:1F90` */
function portOf(address = ''): number {
  return Number.parseInt(address.split(':').at(-1) ?? '', 16);
}

function shorten(command: string): string {
  const [program = '', ...words] = command.trim().replaceAll('/workspace/', '').split(' ');
  return [path.basename(program), ...words].join(' ').slice(0, maxCommand).toWellFormed();
}
