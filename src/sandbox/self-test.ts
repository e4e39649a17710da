import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { makeSandboxFolder } from './process/drop-rights.js';
import type { Sandboxes } from './sandbox.js';

/** The sandbox cannot be had on this machine; the message names what is in the way and the remedy. */
export class SandboxUnavailable extends Error {
  override name = 'SandboxUnavailable';
}

/** What is tried at every start, in the order of the script. What fails is told with its remedy. */
const claims: Record<string, string> = {
  'no host file':
    'a file of this machine can be read in it: no folder above PULLWRIGHT_HOME may be part of SANDBOX_TOOL_PATHS',
  'no network': 'it reaches this machine’s loopback: a network namespace is missing',
  'no host process': 'it sees this machine’s processes: a process namespace is missing',
  'no environment': 'settings of this program are in the environment of a process that it sees',
  'no capability': 'commands have capabilities in it: util-linux’s setpriv may be too old to drop them',
  'no new privileges': 'set-user-id programs would work in it: util-linux’s setpriv may be too old',
  'no namespace':
    'commands can make user namespaces in it: bubblewrap 0.8 or newer and a kernel with seccomp are needed',
  'seccomp filter':
    'no seccomp filter is on: the kernel needs CONFIG_SECCOMP_FILTER, and a container engine must not be told to leave it off',
};

const script = `
echo ready > file && cat file && git --version >&2 || exit 1
holds() { echo "$1"; }
[ -e "$2" ] || holds 'no host file'
(echo > "/dev/tcp/127.0.0.1/$1") 2>/dev/null || holds 'no network'
set -- /proc/[0-9]*; [ $# -lt 10 ] && holds 'no host process'
cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -qE '^(APP_ID|PRIVATE_KEY|WEBHOOK_SECRET|ANTHROPIC_API_KEY|DATABASE_URL)' || holds 'no environment'
grep -qE '^CapEff:[[:space:]]*0+$' /proc/self/status && holds 'no capability'
grep -qE '^NoNewPrivs:[[:space:]]*1$' /proc/self/status && holds 'no new privileges'
unshare --user true 2>/dev/null || holds 'no namespace'
grep -qE '^Seccomp:[[:space:]]*2$' /proc/self/status && holds 'seccomp filter'
true`;

/**
 * Runs one command in a sandbox, before anything is served: no sandbox, no service. A backend that warns of itself is
 * only asked whether it works.
 * @returns how many claims were tried, and how long it took
 * @throws SandboxUnavailable
 */
export async function testSandbox(
  sandboxes: Sandboxes,
  folder: string,
): Promise<{ claims: number; durationMs: number }> {
  const tree = path.join(folder, 'self-test');
  await mkdir(folder, { recursive: true });
  await makeSandboxFolder(tree, sandboxes.uid);
  const canary = path.join(folder, 'self-test-canary');
  await writeFile(canary, 'nobody in a sandbox reads this\n', { mode: 0o644 });
  const listener = net.createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', resolve);
  });
  const port = (listener.address() as net.AddressInfo).port;
  const sandbox = sandboxes.open([{ from: tree, to: '/workspace', writable: true }]);
  try {
    const execution = await sandbox.execute({ script, args: [String(port), canary], timeoutMs: 10_000 });
    const { exitCode, stdout, output, durationMs } = execution;
    const [ready, ...held] = stdout.trim().split('\n');
    if (exitCode !== 0 || ready !== 'ready') throw new SandboxUnavailable(explain(output));
    if (sandboxes.warning) return { claims: 0, durationMs };
    const { uid } = await stat(path.join(tree, 'file'));
    if (uid === 0)
      throw new SandboxUnavailable(
        'commands in the sandbox run as root of this machine: setpriv did not work',
      );
    const broken = Object.entries(claims).filter(([claim]) => !held.includes(claim));
    if (broken.length > 0)
      throw new SandboxUnavailable(
        `the sandbox does not hold what it has to: ${broken.map(([, says]) => says).join('; ')}`,
      );
    return { claims: Object.keys(claims).length + 1, durationMs };
  } catch (error) {
    if (error instanceof SandboxUnavailable) throw error;
    throw new SandboxUnavailable(explain(error instanceof Error ? error.message : String(error)));
  } finally {
    await new Promise((resolve) => listener.close(resolve));
    await rm(tree, { recursive: true, force: true });
    await rm(canary, { force: true });
  }
}

/** What stands in the way, and the remedy, by the words of whoever refused. */
export function explain(output: string): string {
  const text = output.trim().slice(0, 400);
  if (/no container engine|no such image|image not known|unable to find image|pull access denied/i.test(text))
    return `the sandbox needs Docker or Podman and the image that SANDBOX_IMAGE names, pulled or built on this machine (${text})`;
  if (/\b(?:OCI|crun|runc|docker: )\b/.test(text))
    return `the container engine refused to run a command (${text})`;
  if (
    /ENOENT|execvp|No such file or directory: 'bwrap'|failed to execute (?:bwrap|setpriv|prlimit)|(?:bwrap|setpriv|prlimit): command not found/i.test(
      text,
    )
  )
    return `the sandbox needs bubblewrap and util-linux: install them with your package manager (apt-get install bubblewrap util-linux) (${text})`;
  if (
    /setting up uid map|No permissions to create new namespace|Creating new namespace failed|Operation not permitted/i.test(
      text,
    )
  )
    return `this system refuses user namespaces to bubblewrap. On Ubuntu 24.04 and later, give /usr/bin/bwrap an AppArmor profile with \`userns,\` (see docs/configuration.md); elsewhere set the sysctl kernel.unprivileged_userns_clone=1; in a container, see docs/configuration.md; or run commands in containers (SANDBOX=container) (${text})`;
  if (/Can't (?:find|mkdir|bind)|Permission denied/i.test(text))
    return `the sandbox's user cannot reach PULLWRIGHT_HOME: every folder above it has to be passable for others (chmod o+x), or choose another place (${text})`;
  return `a command in the sandbox failed: ${text || 'it said nothing'}`;
}
