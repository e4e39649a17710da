import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BubblewrapOptions } from './bubblewrap.js';
import { buildContainerArguments, type Engine } from './container-arguments.js';
import { type DiskAccount, openDiskAccount } from './disk-account.js';
import { findSandboxUser, openMounts } from './drop-rights.js';
import { startEgressProxy } from './egress-proxy.js';
import { runProcess } from './run-process.js';
import { createRunningSandbox } from './running-sandbox.js';
import type { Command, Execution, Mount, Sandboxes } from './sandbox.js';
import { baseEnvironment, proxyEnvironment, startRelay } from './sandbox-environment.js';
import { writeSandboxFiles } from './sandbox-files.js';
import { buildSeccompProfile } from './seccomp-profile.js';

export interface ContainerOptions extends Pick<BubblewrapOptions, 'folder' | 'limits' | 'packages'> {
  engine: Engine;
  /** With bash, coreutils, git and the toolchains of the repositories. */
  image: string;
  /** How the engine's client finds its engine. */
  environment: Record<string, string>;
}

const defaultMaxOutputBytes = 10 * 1024 * 1024;
const engineTimeoutMs = 30_000;

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
  const remove = (filter: string) => removeContainers(engine, options.environment, filter);
  await remove(`label=${label}`);

  const execute = async (
    mounts: readonly Mount[],
    disk: DiskAccount,
    command: Command,
    stop: AbortSignal,
  ): Promise<Execution> => {
    await openMounts(mounts);
    const isFull = await disk.isFull();
    const id = randomBytes(6).toString('hex');
    const name = `pullwright-${id}`;
    const socket = command.egress ? path.join(folder, 'proxies', `${id}.sock`) : null;
    const proxy = socket && command.egress ? await startEgressProxy(socket, command.egress) : null;
    const certificates = proxy ? options.packages.files : [];
    const proxyMounts: Mount[] = socket
      ? [
          { from: socket, to: '/run/proxy.sock', writable: true },
          { from: files.relay, to: '/run/relay.mjs', writable: false },
          { from: process.execPath, to: '/run/node', writable: false },
          ...certificates.map((file) => ({ from: file, to: file, writable: false })),
        ]
      : [];
    const args = buildContainerArguments({
      engine,
      name,
      label,
      limits,
      user,
      seccompFile,
      mounts: [...shared, ...mounts, ...proxyMounts],
      environment: {
        ...baseEnvironment,
        ...(proxy && { ...proxyEnvironment, ...options.packages.environment }),
        ...command.env,
      },
      cwd: path.posix.resolve('/workspace', command.cwd ?? '.'),
      isFull,
    });
    const script = proxy ? `${startRelay}\n${command.script}` : command.script;
    // Bash takes a socket for a remote shell, and reads a file from the home folder then.
    const inner = ['--norc', '-c', firstProcess, script, 'bash', ...(command.args ?? [])];
    let ended: Execution['ended'] | null = null;
    try {
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
      ended = result.ended;
      // 125: the engine itself failed. A command may print and exit like that too; then nothing is lost by saying so.
      if (result.exitCode === 125 && /^(?:Error:|docker:)/m.test(result.stderr))
        throw new Error(`sandbox: ${result.stderr.trim().slice(0, 500)}`);
      return { ...result, refusedHosts: proxy?.refused ?? [] };
    } finally {
      // Killing the client does not end the container; after an ordinary end there is none.
      if (ended !== 'exited') await remove(`name=^${name}$`);
      await proxy?.stop();
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

/**
 * @param wanted the operator's choice; null: whichever of the two answers
 * @throws Error when none answers
 */
export async function findEngine(
  wanted: Engine['program'] | null,
  environment: Record<string, string>,
): Promise<Engine> {
  const tried: string[] = [];
  for (const program of wanted ? [wanted] : (['podman', 'docker'] as const)) {
    const format = program === 'podman' ? '{{.Host.Security.Rootless}}' : '{{.SecurityOptions}}';
    try {
      const { exitCode, stdout, stderr } = await ask(program, environment, ['info', '--format', format]);
      if (exitCode === 0) return { program, rootless: /true|rootless/.test(stdout) };
      tried.push(`${program} info: ${stderr.trim().split('\n').at(-1) ?? ''}`);
    } catch (error) {
      tried.push(`${program}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(
    `the sandbox needs Docker or Podman, and an engine that answers to this user (${tried.join('; ')})`,
  );
}

async function removeContainers(
  { program }: Engine,
  environment: Record<string, string>,
  filter: string,
): Promise<void> {
  const { stdout } = await ask(program, environment, ['ps', '--all', '--quiet', '--filter', filter]);
  const ids = stdout.split('\n').filter(Boolean);
  if (ids.length === 0) return;
  // Podman would otherwise wait ten seconds for a container that does not care; Docker has no such option.
  const atOnce = program === 'podman' ? ['--time', '0'] : [];
  const { exitCode, stderr } = await ask(program, environment, ['rm', '--force', ...atOnce, ...ids]);
  if (exitCode !== 0 && !/no such container/i.test(stderr))
    throw new Error(`sandbox: a container could not be ended: ${stderr.trim().slice(0, 300)}`);
}

function ask(program: string, environment: Record<string, string>, args: string[]) {
  return runProcess(
    [program, ...args],
    { env: environment },
    { timeoutMs: engineTimeoutMs, maxOutputBytes: 1024 * 1024 },
  );
}
