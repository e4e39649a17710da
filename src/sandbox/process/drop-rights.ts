import { chmod, chown, mkdir } from 'node:fs/promises';
import type { Mount, SandboxLimits } from '../sandbox.js';

/** Nobody's own number: root never runs anything of a repository's. */
const numberOfNobody = 64001;

/** The user that commands run as; null: this process's own. */
export function findSandboxUser(): number | null {
  return process.getuid?.() === 0 ? numberOfNobody : null;
}

/** As root: everything inside would otherwise start with root's capabilities, and no limit on processes would hold. */
export function dropRights(uid: number | null): string[] {
  if (uid === null) return ['setpriv', '--no-new-privs'];
  const id = String(uid);
  const user = ['--reuid', id, '--regid', id, '--clear-groups'];
  return ['setpriv', ...user, '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all'];
}

/**
 * The kernel's own limits. Not RLIMIT_AS: WebAssembly in Node reserves far more addresses than it uses, and dies of that
 * one. RLIMIT_DATA is of one process, and RLIMIT_NPROC of all that the user has: what one command has altogether is
 * watched (watch-processes.ts), and these are where it ends when it is faster than that.
 */
export function limitResources({ memoryBytes, processes, fileBytes }: SandboxLimits): string[] {
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
 * Words before a command: it is the first that the kernel ends when memory runs out and the last that gets a processor,
 * and it inherits no descriptor that this process was itself started with. Its own are numbered up to `last`.
 * @param cgroup folder of the control group that it joins; null: none
 */
export function startClean(last: number, cgroup: string | null): string[] {
  return ['/bin/bash', '--norc', '-c', startCleanScript, 'bash', String(last), cgroup ?? ''];
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

/** Makes a folder that belongs to the sandbox's user. */
export async function makeSandboxFolder(folder: string, uid: number | null): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (uid !== null) await chown(folder, uid, uid);
}

/** What an earlier command closed to itself (\`chmod 000 /workspace\`) must not keep the next one from starting. */
export async function openMounts(mounts: readonly Mount[]): Promise<void> {
  for (const { from, writable } of mounts) if (writable) await chmod(from, 0o755);
}
