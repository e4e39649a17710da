import type { SandboxLimits } from '../sandbox-types.js';

/*
 * Each function returns words that go before a command line. Each of these programs changes its own process
 * and then executes the rest of the line.
 */

/**
 * Runs the rest as another user and without capabilities. Otherwise a sandbox started by root would begin
 * with root's capabilities, and no limit on processes would apply.
 * @param uid null: keeps the user, who is not root
 */
export function dropPrivileges(uid: number | null): string[] {
  if (uid === null) return ['setpriv', '--no-new-privs'];
  const id = String(uid);
  const user = ['--reuid', id, '--regid', id, '--clear-groups'];
  return ['setpriv', ...user, '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all'];
}

/**
 * Sets the kernel's resource limits. RLIMIT_DATA counts one process, and RLIMIT_NPROC counts all processes of
 * the user, so they only stop what grows faster than monitor-processes.ts can see. RLIMIT_AS is not set:
 * WebAssembly in Node reserves far more addresses than it uses, and would fail.
 */
export function limitResources({
  memoryBytes,
  processes,
  fileBytes,
}: Pick<SandboxLimits, 'memoryBytes' | 'processes' | 'fileBytes'>): string[] {
  return [
    'prlimit',
    `--data=${memoryBytes}`,
    `--nproc=${processes * 4}`,
    `--fsize=${fileBytes}`,
    '--nofile=8192',
    '--core=0',
    '--',
  ];
}

/**
 * Closes all descriptors that this process inherited, gives up processor time to everything else, and asks
 * the kernel to kill these processes first when memory runs out.
 * @param lastDescriptor the highest descriptor that stays open
 * @param cgroup folder of the control group to join; null: none
 */
export function startClean(lastDescriptor: number, cgroup: string | null): string[] {
  return ['/bin/bash', '--norc', '-c', startCleanScript, 'bash', String(lastDescriptor), cgroup ?? ''];
}

const startCleanScript = `
{ echo 1000 > /proc/self/oom_score_adj; } 2>/dev/null
if [ -n "$2" ]; then echo 0 > "$2/cgroup.procs" || exit 97; fi
last=$1; shift 2
for one in /proc/self/fd/*; do
  one=\${one##*/}
  if [ "$one" -gt "$last" ]; then eval "exec $one>&-"; fi
done
exec nice -n 10 "$@"`;
