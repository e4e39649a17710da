import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { explainFailure } from './explain-failure.js';
import { makeSandboxFolder } from './process/sandbox-user.js';
import { SandboxUnavailableError } from './sandbox-errors.js';
import type { Execution, Sandboxes } from './sandbox-types.js';

/**
 * Properties that the script below checks. Each has an explanation for the operator in case the check fails.
 */
const claims: Record<string, string> = {
  'no host file':
    'commands can read files of this machine; no folder above PULLWRIGHT_HOME may be in SANDBOX_TOOL_PATHS',
  'no network': "commands reach this machine's loopback; the network namespace is missing",
  'no host process': "commands see this machine's processes; the process namespace is missing",
  'no environment': 'commands can read the settings of this program in the environment of a process',
  'no capability': "commands have capabilities; util-linux's setpriv may be too old to drop them",
  'no new privileges': "set-user-id programs would work; util-linux's setpriv may be too old",
  'no namespace':
    'commands can create user namespaces; bubblewrap 0.8 or newer and a kernel with seccomp are needed',
  'seccomp filter':
    'no seccomp filter is active; the kernel needs CONFIG_SECCOMP_FILTER, and a container engine must ' +
    'not disable it',
};

/**
 * Prints `ready`, and then the name of each property that is true. Fails if git is missing, or if it does not
 * support the regular expressions that the agent's tool `search` takes. `$1` is a port of the host on which
 * this process listens. `$2` is a file of the host that must not be visible in the sandbox.
 */
const script = `
echo ready > file && cat file && git grep --no-index -qP '^(?=r)' -- file || exit 1
holds() { echo "$1"; }
[ -e "$2" ] || holds 'no host file'
(echo > "/dev/tcp/127.0.0.1/$1") 2>/dev/null || holds 'no network'
set -- /proc/[0-9]*; [ $# -lt 10 ] && holds 'no host process'
settings='^(APP_ID|PRIVATE_KEY|WEBHOOK_SECRET|ANTHROPIC_API_KEY|DATABASE_URL)'
cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -qE "$settings" || holds 'no environment'
grep -qE '^CapEff:[[:space:]]*0+$' /proc/self/status && holds 'no capability'
grep -qE '^NoNewPrivs:[[:space:]]*1$' /proc/self/status && holds 'no new privileges'
unshare --user true 2>/dev/null || holds 'no namespace'
grep -qE '^Seccomp:[[:space:]]*2$' /proc/self/status && holds 'seccomp filter'
true`;

export interface TestResult {
  /** Number of checked properties. 0 for a backend that isolates nothing. */
  claims: number;
  durationMs: number;
}

/**
 * Runs a command in a sandbox and checks what it can reach. Call this function at each start, before any
 * other command runs. For a backend that does not isolate commands, the test only checks that a command runs.
 * @param folder folder for the files of the test; it is created if it does not exist
 * @throws SandboxUnavailableError when the command fails, or a property in `claims` is not true
 */
export async function testSandbox(sandboxes: Sandboxes, folder: string): Promise<TestResult> {
  const tree = path.join(folder, 'self-test');
  const canary = path.join(folder, 'self-test-canary');
  await mkdir(folder, { recursive: true });
  await makeSandboxFolder(tree, sandboxes.uid);
  await writeFile(canary, 'no command in a sandbox can read this\n', { mode: 0o644 });
  const listener = await listen();
  const { port } = listener.address() as net.AddressInfo;
  try {
    const sandbox = sandboxes.open([{ from: tree, to: '/workspace', writable: true }]);
    const execution = await sandbox.execute({ script, args: [String(port), canary], timeoutMs: 10_000 });
    const held = readClaims(execution);
    const { durationMs } = execution;
    if (sandboxes.warning) return { claims: 0, durationMs };
    const { uid } = await stat(path.join(tree, 'file'));
    assertClaims(held, uid);
    return { claims: Object.keys(claims).length + 1, durationMs };
  } catch (error) {
    if (error instanceof SandboxUnavailableError) throw error;
    throw new SandboxUnavailableError(
      explainFailure(error instanceof Error ? error.message : String(error)),
      {
        cause: error,
      },
    );
  } finally {
    await new Promise((resolve) => listener.close(resolve));
    await rm(tree, { recursive: true, force: true });
    await rm(canary, { force: true });
  }
}

async function listen(): Promise<net.Server> {
  const server = net.createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

function readClaims({ exitCode, stdout, output }: Execution): string[] {
  const [ready, ...held] = stdout.trim().split('\n');
  if (exitCode !== 0 || ready !== 'ready') throw new SandboxUnavailableError(explainFailure(output));
  return held;
}

/** @param uid owner of a file that a command created in the sandbox */
function assertClaims(held: string[], uid: number): void {
  if (uid === 0)
    throw new SandboxUnavailableError(
      'commands in the sandbox run as root of this machine; setpriv did not work',
    );
  const broken = Object.entries(claims).filter(([claim]) => !held.includes(claim));
  if (broken.length === 0) return;
  const explanations = broken.map(([, explanation]) => explanation).join('; ');
  throw new SandboxUnavailableError(`the sandbox does not isolate commands: ${explanations}`);
}
