import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { startClean } from '../process/command-prefixes.js';
import type { AllowedHost } from './allowed-host.js';

export interface EgressProcess {
  /**
   * Ends the proxy and all of its connections. It may be called twice.
   * @returns the refusals, as in `Execution.refusedHosts`
   */
  stop(): Promise<string[]>;
}

/** The proxy keeps nothing but data in transit. It dies when it needs more. */
const maxHeapMb = 128;

/**
 * Starts the proxy of one command in a process of its own. The sandbox and the hosts that it talks to are
 * untrusted: they can exhaust the descriptors, the memory and the time of this process only.
 * @param program path of the compiled egress-program.ts
 * @throws Error when the proxy does not start
 */
export async function startEgressProcess(
  program: string,
  socketPath: string,
  allowed: readonly AllowedHost[],
): Promise<EgressProcess> {
  // The kernel kills the proxy when this process ends, in whatever way.
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
    // MUST come before anything else: when no descriptor is left, the child does not even have streams.
    child.once('error', reject);
    if (child.pid === undefined) return;
    child.once('close', (code, signal) => {
      const end = signal ?? `exit code ${code}`;
      reject(new Error(`sandbox: the network proxy did not start (${end}): ${stderr.slice(0, 500)}`));
      if (!isStopped) refusals.push(`every host, because the network proxy died (${end})`);
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'up') resolve();
      else refusals.push(JSON.parse(line) as string);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-2000);
    });
    // When the proxy ends before it has read the hosts, its end is the better message.
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
