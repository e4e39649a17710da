import type { SandboxLimits } from '../sandbox-types.js';

/*
 * Each function returns a program and its arguments, which callers put before a command line. The program
 * changes the settings of its own process. It then executes the rest of the command line in that process.
 */

/**
 * Runs the rest of the command line as another user and without capabilities. If Pullwright runs as root, its
 * commands would otherwise have all capabilities, and the kernel would not limit the number of their
 * processes.
 * @param uid user to switch to; null keeps the current user, who is not root
 */
export function dropPrivileges(uid: number | null): string[] {
  if (uid === null) return ['setpriv', '--no-new-privs'];
  const id = String(uid);
  const user = ['--reuid', id, '--regid', id, '--clear-groups'];
  return ['setpriv', ...user, '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all'];
}

/**
 * Sets the kernel's resource limits. They stop growth that is too fast for the polling in
 * monitor-processes.ts, but they are less exact: RLIMIT_DATA applies to a single process, and RLIMIT_NPROC to
 * all processes of the user. RLIMIT_AS is not set, because WebAssembly in Node reserves far more address
 * space than it uses and would fail.
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
 * Prepares a process for an untrusted command. It closes inherited descriptors, lowers the processor
 * priority, and asks the kernel to kill this process first when memory runs out.
 * @param lastDescriptor the highest descriptor that stays open
 * @param cgroup folder of the control group to join; if null, the process stays in its group
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
