import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RetryLater } from '../../runs/retry-later.js';
import { handOver } from '../../workspace/hand-over.js';
import { startEgressProcess } from '../egress/egress-process.js';
import type { Cgroups } from '../limits/cgroups.js';
import { type DiskAccount, openDiskAccount } from '../limits/disk-account.js';
import {
  dropRights,
  findSandboxUser,
  limitResources,
  openMounts,
  startClean,
} from '../process/drop-rights.js';
import type { NamespaceWrapper } from '../process/namespace-wrapper.js';
import { runProcess, type Watch } from '../process/run-process.js';
import { watchProcesses } from '../process/watch-processes.js';
import { createRunningSandbox } from '../running-sandbox.js';
import type { Command, Execution, Mount, Sandboxes, SandboxLimits } from '../sandbox.js';
import { baseEnvironment, proxyEnvironment, startRelay, toolPath } from '../sandbox-environment.js';
import { openNameless, writeSandboxFiles } from '../sandbox-files.js';
import { buildSeccompFilter } from '../seccomp/seccomp-filter.js';
import { buildBubblewrapArguments } from './bubblewrap-arguments.js';

export interface BubblewrapOptions {
  /** For the small files that every sandbox is given, and the sockets of proxies. */
  folder: string;
  limits: SandboxLimits;
  /** How the sandbox's user gets to what is mounted. */
  wrapper: NamespaceWrapper;
  /** Folders with toolchains outside of /usr, shown read-only at the same place. */
  toolPaths: readonly string[];
  /** Null: the limits are kept by looking (watch-processes.ts). */
  cgroups: Cgroups | null;
  /** How package managers are told where packages come from. */
  packages: { environment: Record<string, string>; files: readonly string[] };
  /** The compiled egress-program.ts. */
  egressProgram: string;
}

const defaultMaxOutputBytes = 10 * 1024 * 1024;
/** So long may processes take to vanish that were killed. */
const goneWithinMs = 5000;

/**
 * Sandboxes by bubblewrap: one short-lived process tree per command, in namespaces of its own, without capabilities,
 * without network, with a seccomp filter, and with nothing of this process in reach: not its environment, its
 * descriptors, its command line.
 */
export async function createBubblewrap(options: BubblewrapOptions): Promise<Sandboxes> {
  const { limits } = options;
  const uid = findSandboxUser();
  const files = await writeSandboxFiles(options.folder, 1000);
  const seccompFile = path.join(options.folder, 'seccomp');
  await writeFile(seccompFile, buildSeccompFilter(process.arch), { mode: 0o644 });
  // What programs under /usr cannot do without. Debian's Java has its settings here.
  const java = (await readdir('/etc'))
    .filter((name) => name.startsWith('java-'))
    .map((name) => `/etc/${name}`);
  const shownEtc = [
    '/etc/ssl',
    '/etc/alternatives',
    '/etc/ld.so.cache',
    '/etc/ca-certificates',
    '/etc/maven',
    '/etc/php',
    ...java,
  ];

  const execute = async (
    mounts: readonly Mount[],
    disk: DiskAccount,
    command: Command,
    stop: AbortSignal,
  ): Promise<Execution> => {
    await openMounts(mounts);
    const isFull = await disk.isFull();
    const socket = command.egress
      ? path.join(options.folder, 'proxies', `${randomBytes(6).toString('hex')}.sock`)
      : null;
    const proxy =
      socket && command.egress
        ? await startEgressProcess(options.egressProgram, socket, command.egress)
        : null;
    const descriptors: number[] = [];
    try {
      const args = buildBubblewrapArguments({
        ...options,
        tmpBytes: limits.tmpBytes,
        files,
        mounts: [...mounts, ...(socket ? [{ from: socket, to: '/run/proxy.sock', writable: true }] : [])],
        environment: {
          ...baseEnvironment,
          ...(options.toolPaths.length > 0 && { PATH: toolPath(options.toolPaths) }),
          ...(proxy && { ...proxyEnvironment, ...options.packages.environment }),
          ...command.env,
        },
        certificates: proxy ? options.packages.files : [],
        shownEtc,
        proxied: proxy !== null,
        cwd: command.cwd,
      });
      const script = proxy ? `${startRelay}\n${command.script}` : command.script;
      const { words, content } = handOver({ ...command, script }, '&6');
      descriptors.push(openSync(seccompFile, 'r'));
      // Arguments through a file: on the command line, host paths would show in the sandbox's /proc/1/cmdline.
      descriptors.push(openNameless(path.join(options.folder, 'arguments'), args.join('\0')));
      const status = openNameless(path.join(options.folder, 'arguments'), '');
      descriptors.push(status);
      if (content !== null) descriptors.push(openNameless(path.join(options.folder, 'arguments'), content));
      const cgroup = await options.cgroups?.open();
      const findInside = () => Number(/"child-pid": (\d+)/.exec(readWhole(status))?.[1] ?? 0) || null;
      const argv = [
        ...startClean(descriptors.length + 2, cgroup?.folder ?? null),
        ...options.wrapper.argv,
        ...dropRights(uid),
        ...limitResources(limits),
        ...['bwrap', '--json-status-fd', '5', '--args', '4', '--'],
        // Where there is too much already, nothing can be added to files until some are gone.
        ...(isFull ? ['prlimit', '--fsize=0', '--'] : []),
        ...['/bin/bash', '--norc', ...words],
      ];
      const result = await runProcess(
        argv,
        { descriptors, stdin: command.stdin },
        {
          timeoutMs: Math.min(command.timeoutMs, limits.timeMs),
          maxOutputBytes: Math.min(command.maxOutputBytes ?? defaultMaxOutputBytes, limits.outputBytes),
          signal: stop,
          watch: both(disk.watch, watchProcesses(limits, findInside)),
        },
      );
      const killed = (await cgroup?.close()) ?? null;
      await waitUntilGone(findInside());
      // Its own word for it: a command may print and exit as whatever comes before it does when that fails.
      const word = readWhole(status);
      const isSetUp =
        word.includes('"exit-code"') || !/^bwrap: /.test(result.stderr) || result.exitCode !== 1;
      if (result.ended === 'exited' && !killed && !(word.includes('"child-pid"') && isSetUp))
        throw explainStart(result);
      return {
        ...result,
        ...(killed && result.ended === 'exited' && { ended: killed, exitCode: null }),
        refusedHosts: (await proxy?.stop()) ?? [],
      };
    } finally {
      for (const descriptor of descriptors) closeSync(descriptor);
      await proxy?.stop();
    }
  };

  return {
    uid,
    warning: null,
    open: (mounts) => {
      const disk = openDiskAccount(mounts, limits);
      return createRunningSandbox((command, stop) =>
        whenThereIsRoom(() => execute(mounts, disk, command, stop), stop),
      );
    },
  };
}

/** Another sandbox that starts too many processes is ended within a second or two: for so long a command waits here. */
async function whenThereIsRoom(body: () => Promise<Execution>, stop: AbortSignal): Promise<Execution> {
  for (let left = 5; ; left--)
    try {
      return await body();
    } catch (error) {
      if (!(error instanceof RetryLater) || left === 0 || stop.aborted) throw error;
      await pause(500);
    }
}

/** What kept a command from being begun: nothing was measured, and nothing may be taken for its result. */
function explainStart({ stderr, exitCode }: Pick<Execution, 'stderr' | 'exitCode'>): Error {
  const text = stderr.trim().slice(0, 500) || `exit code ${exitCode}`;
  // The user's processes are counted over all sandboxes: one that starts too many is ended within a second.
  return /Resource temporarily unavailable|Cannot allocate memory/.test(text)
    ? new RetryLater('the server has no room for another process', 2000)
    : new Error(`sandbox: a command could not be begun: ${text}`);
}

function both(...watches: Watch[]): Watch {
  return (pid, reached) => {
    const ends = watches.map((watch) => watch(pid, reached));
    return () => {
      for (const end of ends) end();
    };
  };
}

/**
 * Waits until the first process of the sandbox is gone. The kernel ends it after all others, so nothing of the command
 * is left then. The pipes alone do not tell: they may have been closed before.
 */
async function waitUntilGone(pid: number | null): Promise<void> {
  if (pid === null) return;
  for (const end = Date.now() + goneWithinMs; Date.now() < end; await pause(2)) {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
    // A zombie is dead too. In a container, the machine's first process may never collect it.
    if (stat === null || /\) [ZX] /.test(stat)) return;
    if (await isOrphan(stat)) kill(pid);
  }
  throw new Error(`sandbox: its processes could not be ended in ${goneWithinMs / 1000} s`);
}

/**
 * Tells whether bubblewrap's process in the sandbox has lost its parent outside. It leaves the process group (setsid) a
 * moment before it asks the kernel to die with its parent: a kill of the group in that moment misses it.
 */
async function isOrphan(stat: string): Promise<boolean> {
  const [, name, parent] = /^\d+ \((.*)\) \S (\d+) /s.exec(stat) ?? [];
  if (name !== 'bwrap') return false;
  return (await readFile(`/proc/${parent}/comm`, 'latin1').catch(() => '')) !== 'bwrap\n';
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readWhole(descriptor: number): string {
  const buffer = Buffer.alloc(4096);
  return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, 0));
}
