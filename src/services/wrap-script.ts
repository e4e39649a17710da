import { createHash } from 'node:crypto';
import type { Forward } from './place-services.js';
import type { PlacedService, Server } from './server.js';
import { quote } from './shell.js';

/** A service that this machine can run. */
export interface RunnableService {
  placed: PlacedService;
  server: Server;
}

/** Path of Node in the sandbox. */
export const nodePath = '/opt/pullwright/node';
/** The name of the process that forwards ports. No service has this name, because of the dot. */
const forwarder = '.ports';
const startSeconds = 120;
const stopSeconds = 20;
/** Linux accepts 128 KiB per argument. */
const maxArgumentBytes = 100_000;

/**
 * Returns the script that runs `script` beside the services. Its parts, in this order:
 *  1. It waits for the lock of the folder /services. Servers inherit the lock, so a second command waits
 *     until the servers of the first one have ended, even if they were killed.
 *  2. It starts all servers, each in a session of its own, so that `kill 0` of `script` does not reach them.
 *  3. It waits until they accept connections.
 *  4. It runs `script` in a bash of its own, with the descriptors, arguments and signals as they were.
 *  5. It stops the servers, and ends with the exit code of `script`.
 * If a server ends twice with the data of an earlier command, the script starts it without them. If it still
 * does not start, the script prints a line to stderr and ends with 125.
 */
export function wrapScript(
  script: string,
  services: readonly RunnableService[],
  forwards: readonly Forward[],
): string {
  const names = services.map(({ placed }) => placed.name);
  const all = forwards.length > 0 ? [...names, forwarder] : names;
  const titles = services.map(({ placed, server }) => `[${placed.name}]=${quote(server.title)}`);
  const signals = services.map(({ placed, server }) => `[${placed.name}]=${server.stopSignal}`);
  return [
    `script=${quote(script)}`,
    `node=${nodePath}`,
    // A set-up command can install programs in the home folder. They are only for the script.
    'path=$PATH PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'declare -A pids had failed',
    `declare -A titles=(${titles.join(' ')} [${forwarder}]='forwarding of ports')`,
    `declare -A signals=(${signals.join(' ')} [${forwarder}]=TERM)`,
    `names=(${all.join(' ')})`,
    functions,
    ...services.map(renderService),
    ...(forwards.length > 0 ? [renderForwarder(forwards)] : []),
    main(Buffer.byteLength(script) > maxArgumentBytes),
  ].join('\n');
}

const functions = `
clean_exec() { exec -c "$@"; }
clean() { (clean_exec /usr/bin/env PATH="$PATH" HOME="$PWD" USER=agent TMPDIR=/tmp LC_ALL=C.UTF-8 "$@"); }
alive() { kill -0 "\${pids[$1]}"; }
run() {
  mkdir -p "/services/$1" && cd "/services/$1" || exit
  exec </dev/null >log 2>&1 7>&- 8>&-
  local key
  { read -r key <initialized; } 2>/dev/null
  if [ "$key" != "$2" ]; then
    rm -rf -- data key initialized
    # Not a condition, because bash ignores "set -e" within conditions.
    (set -e; "initialize_$1")
    [ $? -eq 0 ] || { echo 'The data could not be initialized.'; exit 1; }
    printf '%s\\n' "$2" >initialized
  fi
  "start_$1"
}
start() {
  "prepare_$1"
  "launch_$1" &
  pids[$1]=$!
}
# Returns 1 if the server has ended, and 2 if it takes too long.
await() {
  local end=$((SECONDS + ${startSeconds}))
  until "ready_$1"; do
    alive "$1" || { wait "\${pids[$1]}"; return 1; }
    ((SECONDS < end)) || { stop "$1"; return 2; }
    read -rt 0.002 -u 7
  done
  return 0
}
# A server can end because of its data, or because the machine was busy. So it gets a second try.
await_again() {
  await "$1" && return
  [ $? -eq 1 ] && [ -n "\${had[$1]-}" ] || return
  start "$1"
  await "$1" && return
  [ $? -eq 1 ] || return
  echo "services: $1 does not start with its data, so it starts without them" >&8
  [ -L "/services/$1" ] || chmod -R u+rwX "/services/$1"
  rm -rf "/services/$1"
  start "$1"
  await "$1"
}
stop() {
  local name end=$((SECONDS + ${stopSeconds}))
  for name; do kill "-\${signals[$name]}" "\${pids[$name]}"; done
  for name; do
    while alive "$name"; do
      ((SECONDS < end)) || kill -KILL "\${pids[$name]}"
      read -rt 0.001 -u 7
    done
    wait "\${pids[$name]}"
  done
}
explain() {
  printf 'services: %s did not start: %s: %s\\n' "$1" "\${titles[$1]}" \\
    "$(tail -n 8 "/services/$1/log" | tr -s '[:cntrl:]' ' ' | tail -c 600)" >&8
}`;

function main(isLong: boolean): string {
  const words = isLong ? `"$load" bash "$@" 6< <(printf %s "$script")` : `"$script" bash "$@"`;
  return `
load='mapfile -d "" -t -u 6; exec 6<&-; script=\${MAPFILE[0]}; unset MAPFILE; eval "unset script; $script"'
exec 8>&2 2>/dev/null
code=0
mapfile -t limits </proc/self/limits
if [[ \${limits[*]} =~ 'Max file size'\\ +0\\  ]]; then
  echo 'services: not started, because the disk quota is exceeded' >&8
  names=()
elif ! { exec 9</services && flock 9; }; then
  echo 'services: the folder /services cannot be locked' >&8
  exit 125
else
  exec 7<> <(:)
fi
v6=
read -r _ </proc/net/if_inet6 && v6=::1
for name in "\${names[@]}"; do
  [ -e "/services/$name/initialized" ] && had[$name]=1
  start "$name"
done
for name in "\${names[@]}"; do
  await_again "$name" && continue
  explain "$name"
  failed[$name]=1
  code=125
done
if [ "$code" -eq 0 ]; then
  trap : HUP INT QUIT TERM USR1 USR2 ALRM PIPE
  PATH=$path /bin/bash --norc -c ${words} 2>&8 7>&- 8>&- 9>&-
  code=$?
fi
running=()
for name in "\${names[@]}"; do [ -n "\${failed[$name]-}" ] || running+=("$name"); done
stop "\${running[@]}"
exit "$code"`;
}

/** Defines the functions that `run`, `start` and `await` call for a service. */
function renderService({ placed: { name }, server }: RunnableService): string {
  const { initialize, prepare, command, ready } = server;
  const key = createHash('sha256')
    .update(JSON.stringify([server.title, initialize]))
    .digest('hex');
  return `
initialize_${name}() {
${initialize}
}
prepare_${name}() { ${prepare || ':'}; }
start_${name}() {
clean_exec setsid ${command}
}
launch_${name}() { run ${name} ${key}; }
ready_${name}() { ${ready}; }`;
}

/** Defines the same functions for the process that forwards ports. It has no data. */
function renderForwarder(forwards: readonly Forward[]): string {
  const checks = forwards.map(({ address, port }) => `{ : <>/dev/tcp/${address}/${port}; }`);
  return `
prepare_${forwarder}() { :; }
launch_${forwarder}() {
  mkdir -p /services/${forwarder} && cd /services/${forwarder} || exit
  exec </dev/null >log 2>&1 7>&- 8>&-
  clean_exec setsid "$node" -e ${quote(forwardProgram)} ${quote(JSON.stringify(forwards))}
}
ready_${forwarder}() { ${checks.join(' && ')}; }`;
}

/** A Node program that forwards connections. It listens on IPv6, too, where there is IPv6. */
const forwardProgram = `
const net = require('net');
const serve = ({ port, toAddress, toPort }, host, onError) =>
  net.createServer((inner) => {
    const outer = net.connect(toPort, toAddress);
    const end = () => { inner.destroy(); outer.destroy(); };
    inner.on('error', end).on('close', end).pipe(outer);
    outer.on('error', end).on('close', end).pipe(inner);
  }).on('error', onError).listen(port, host);
for (const forward of JSON.parse(process.argv[1])) {
  serve(forward, forward.address, (error) => { throw error; });
  if (forward.address === '127.0.0.1') serve(forward, '::1', () => {});
}`;
