import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { startClean } from '../process/drop-rights.js';
import type { AllowedHost } from './egress-proxy.js';

export interface EgressProcess {
  /** Ends it, with every connection that it has. May be called twice. @returns what was asked for and refused */
  stop(): Promise<string[]>;
}

/** A proxy holds nothing but what is on its way; beyond this it dies by itself. */
const maxHeapMb = 128;

/**
 * The way out of one command (egress-proxy.ts), in a process of its own. A sandbox and whoever answers it decide what a
 * proxy has to do: whatever they think of, its descriptors, its memory and its time are all that they can use up.
 * @param program compiled egress-program.ts
 * @throws Error when it does not come up
 */
export async function startEgressProcess(
  program: string,
  socketPath: string,
  allowed: readonly AllowedHost[],
): Promise<EgressProcess> {
  // Ends with this process, however that ends.
  const endsWithUs = ['setpriv', '--pdeathsig', 'KILL', '--'];
  const node = [process.execPath, `--max-old-space-size=${maxHeapMb}`, program, socketPath];
  const [first = '', ...rest] = [...startClean(2, null), ...endsWithUs, ...node];
  const child = spawn(first, rest, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' },
    cwd: '/',
  });
  const refused: string[] = [];
  let isStopped = false;
  let complaint = '';
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    // MUST be listened to before anything else: without a descriptor left, there are not even streams.
    child.once('error', reject);
    if (child.pid === undefined) return;
    child.once('close', (code, signal) => {
      reject(new Error(`sandbox: the proxy did not come up (${signal ?? code}): ${complaint.slice(0, 500)}`));
      if (!isStopped) refused.push(`every host, from then on (the proxy ended: ${signal ?? code})`);
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'up') resolve();
      else refused.push(JSON.parse(line) as string);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-2000);
    });
    // Its end says more than a list that it did not read.
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify(allowed));
  });
  return {
    stop: async () => {
      isStopped = true;
      child.kill('SIGKILL');
      await gone;
      await rm(socketPath, { force: true });
      return refused;
    },
  };
}
