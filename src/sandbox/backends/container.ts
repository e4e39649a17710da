import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { handOver } from '../../workspace/hand-over.js';
import { startEgressProcess } from '../egress/egress-process.js';
import { type DiskAccount, openDiskAccount } from '../limits/disk-account.js';
import { findSandboxUser, openMounts } from '../process/drop-rights.js';
import { runProcess } from '../process/run-process.js';
import { createRunningSandbox } from '../running-sandbox.js';
import type { Command, Execution, Mount, Sandboxes } from '../sandbox.js';
import { baseEnvironment, proxyEnvironment, startRelay } from '../sandbox-environment.js';
import { writeSandboxFiles } from '../sandbox-files.js';
import { buildSeccompProfile } from '../seccomp/seccomp-profile.js';
import type { BubblewrapOptions } from './bubblewrap.js';
import { buildContainerArguments, type Engine } from './container-arguments.js';
import { openContainerEngine } from './container-engine.js';

export interface ContainerOptions
  extends Pick<BubblewrapOptions, 'folder' | 'limits' | 'packages' | 'egressProgram'> {
  engine: Engine;
  /** With bash, coreutils, git and the toolchains of the repositories. */
  image: string;
  /** How the engine's client finds its engine. */
  environment: Record<string, string>;
}

const defaultMaxOutputBytes = 10 * 1024 * 1024;
/** Whatever the engine was making for clients that are dead is there by then. */
const lateMs = 30_000;

/**
 * The first process of a container. It ends with everything in there when it is asked to (by the engine's client, which
 * passes on that this process died), and collects what others leave.
 */
const firstProcess = `trap 'exit 143' TERM INT HUP
exec 3<&0
/bin/bash --norc -c "$0" "$@" <&3 3<&- &
exec 3<&- 0<&-
wait "$!"`;

/** Sandboxes by Docker or Podman: one container per command, from an image that the operator names. */
export async function createContainers(options: ContainerOptions): Promise<Sandboxes> {
  const { engine, folder, limits } = options;
  const uid = engine.rootless ? null : findSandboxUser();
  const user = { uid: uid ?? process.getuid?.() ?? 0, gid: uid ?? process.getgid?.() ?? 0 };
  const files = await writeSandboxFiles(
    folder,
    engine.rootless && engine.program === 'docker' ? 0 : user.uid,
  );
  const seccompFile = path.join(folder, 'seccomp.json');
  await writeFile(seccompFile, buildSeccompProfile(), { mode: 0o644 });
  // One home, one label: two Pullwrights on one machine do not end each other's containers.
  const label = `pullwright=${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
  const shared: Mount[] = [
    { from: files.passwd, to: '/etc/passwd', writable: false },
    { from: files.group, to: '/etc/group', writable: false },
    { from: files.gitconfig, to: '/etc/gitconfig', writable: false },
  ];
  // Where a client says which container it has made.
  const idFolder = path.join(folder, 'containers');
  await rm(idFolder, { recursive: true, force: true });
  await mkdir(idFolder, { recursive: true });
  const { sweep, end } = openContainerEngine(engine, options.environment);
  const running = new Set<string>();
  await sweep(label, running);
  // A client that was killed, with the process before this one too, may have a container that only comes into being yet.
  let sweepAt: number | null = Date.now() + lateMs;
  const sweepWhenDue = async () => {
    if (sweepAt === null || Date.now() < sweepAt) return;
    sweepAt = null;
    await sweep(label, running);
  };

  const execute = async (
    mounts: readonly Mount[],
    disk: DiskAccount,
    command: Command,
    stop: AbortSignal,
  ): Promise<Execution> => {
    await openMounts(mounts);
    await sweepWhenDue();
    const isFull = await disk.isFull();
    const id = randomBytes(6).toString('hex');
    const name = `pullwright-${id}`;
    const idFile = path.join(idFolder, id);
    const socket = command.egress ? path.join(folder, 'proxies', `${id}.sock`) : null;
    const proxy =
      socket && command.egress
        ? await startEgressProcess(options.egressProgram, socket, command.egress)
        : null;
    const certificates = proxy ? options.packages.files : [];
    const proxyMounts: Mount[] = socket
      ? [
          { from: socket, to: '/run/proxy.sock', writable: true },
          { from: files.relay, to: '/run/relay.mjs', writable: false },
          { from: process.execPath, to: '/run/node', writable: false },
          ...certificates.map((file) => ({ from: file, to: file, writable: false })),
        ]
      : [];
    const script = proxy ? `${startRelay}\n${command.script}` : command.script;
    const { words, content } = handOver({ ...command, script }, '/run/command');
    const commandFile = path.join(folder, 'arguments', id);
    const commandMounts =
      content === null ? [] : [{ from: commandFile, to: '/run/command', writable: false }];
    const args = buildContainerArguments({
      engine,
      name,
      label,
      idFile,
      limits,
      user,
      seccompFile,
      mounts: [...shared, ...mounts, ...proxyMounts, ...commandMounts],
      environment: {
        ...baseEnvironment,
        ...(proxy && { ...proxyEnvironment, ...options.packages.environment }),
        ...command.env,
      },
      cwd: path.posix.resolve('/workspace', command.cwd ?? '.'),
      isFull,
    });
    // Bash takes a socket for a remote shell, and reads a file from the home folder then.
    const inner = ['--norc', '-c', firstProcess, ...words.slice(1)];
    let ended: Execution['ended'] = 'stopped';
    let exitCode: number | null = null;
    running.add(name);
    try {
      // Read by the container's user, whatever its number is out here; nobody else can guess its name.
      if (content !== null) await writeFile(commandFile, content, { mode: 0o644 });
      const result = await runProcess(
        // The client is told to end when this process dies, and passes that on to the container.
        ['setpriv', '--pdeathsig', 'TERM', '--', engine.program, ...args, options.image, ...inner],
        { stdin: command.stdin, env: options.environment },
        {
          timeoutMs: Math.min(command.timeoutMs, limits.timeMs),
          maxOutputBytes: Math.min(command.maxOutputBytes ?? defaultMaxOutputBytes, limits.outputBytes),
          signal: stop,
          watch: disk.watch,
        },
      );
      ({ ended, exitCode } = result);
      // 125: the engine itself failed. A command may print and exit like that too; then nothing is lost by saying so.
      if (result.exitCode === 125 && /^(?:Error:|docker:)/m.test(result.stderr))
        throw new Error(`sandbox: ${result.stderr.trim().slice(0, 500)}`);
      return { ...result, refusedHosts: (await proxy?.stop()) ?? [] };
    } finally {
      try {
        // Killing the client does not end the container; after an ordinary end there is none. From 125 on it may be the
        // client that failed or was killed, and not the command.
        if (ended !== 'exited') {
          if (!(await end(name, await isWritten(idFile)))) sweepAt = Date.now() + lateMs;
        } else if (exitCode === null || exitCode >= 125) await end(name, true);
      } finally {
        running.delete(name);
        for (const file of [idFile, commandFile]) await rm(file, { force: true });
        await proxy?.stop();
      }
    }
  };

  return {
    uid,
    warning: null,
    open: (mounts) => {
      const disk = openDiskAccount(mounts, limits);
      return createRunningSandbox((command, stop) => execute(mounts, disk, command, stop));
    },
  };
}

/** An empty one is opened by the client before it asks for a container. */
async function isWritten(file: string): Promise<boolean> {
  return (await readFile(file, 'utf8').catch(() => '')) !== '';
}
