import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { startClean } from '../process/command-prefixes.js';
import type { AllowedHost } from './allowed-host.js';

export interface EgressProcess {
  /**
   * Ends the proxy and all of its connections. A second call is harmless.
   * @returns the refused hosts, in the format of `Execution.refusedHosts`
   */
  stop(): Promise<string[]>;
}

/**
 * Heap limit of the proxy, in MiB. The proxy stores only data in transit. If it needs more memory, it dies.
 */
const maxHeapMb = 128;

/**
 * Starts the proxy of one command in a separate process. The sandbox and the remote hosts are untrusted. They
 * can exhaust the descriptors, memory and time of the proxy's process, but not those of Pullwright.
 * @param program path of the compiled egress-program.ts
 * @throws Error when the proxy does not start
 */
export async function startEgressProcess(
  program: string,
  socketPath: string,
  allowed: readonly AllowedHost[],
): Promise<EgressProcess> {
  // The kernel kills the proxy when Pullwright ends, even after a crash.
  const dieWithParent = ['setpriv', '--pdeathsig', 'KILL', '--'];
  const node = [process.execPath, `--max-old-space-size=${maxHeapMb}`, program, socketPath];
  const [first = '', ...args] = [...startClean(2, null), ...dieWithParent, ...node];
  const child = spawn(first, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' },
    cwd: '/',
  });
  const refusals: string[] = [];
  let isStopped = false;
  let stderr = '';
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    // This listener MUST be added first. If no file descriptor is left, the program does not start. The child
    // then has no streams, and only this listener reports the error.
    child.once('error', reject);
    if (child.pid === undefined) return;
    child.once('close', (code, signal) => {
      const end = signal ?? `exit code ${code}`;
      reject(new Error(`sandbox: the network proxy did not start (${end}): ${stderr.slice(0, 500)}`));
      if (!isStopped) refusals.push(`all hosts, because the network proxy ended unexpectedly (${end})`);
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'up') resolve();
      else refusals.push(JSON.parse(line) as string);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-2000);
    });
    // If the proxy ends early, this write fails. The error is ignored, because the `close` listener above
    // reports a better message.
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify(allowed));
  });
  return {
    stop: async () => {
      isStopped = true;
      child.kill('SIGKILL');
      await closed;
      await rm(socketPath, { force: true });
      return refusals;
    },
  };
}
