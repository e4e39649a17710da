import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ProcessResult, runProcess } from '../process/run-process.js';
import { findSandboxUser } from '../process/sandbox-user.js';
import type { Mount, Sandboxes } from '../sandbox-types.js';
import { buildSeccompProfile } from '../seccomp/seccomp-profile.js';
import type { BackendOptions } from './backend-options.js';
import { type BashArguments, buildBashArguments } from './bash-arguments.js';
import { buildContainerArguments, type Engine } from './container-arguments.js';
import { type ContainerEngine, findEngine, openContainerEngine } from './container-engine.js';
import { openSandboxes, type PreparedCommand } from './open-sandboxes.js';
import { argumentFolder, writeSandboxFiles } from './sandbox-files.js';

type Options = Pick<
  BackendOptions,
  'folder' | 'limits' | 'packages' | 'egressProgram' | 'engineEnvironment'
> & {
  engine: Engine;
  image: string;
};

interface Setup extends Options {
  user: { uid: number; gid: number };
  seccompFile: string;
  label: string;
  /** Folder for the files to which clients write the ids of their containers. */
  idFolder: string;
  /** Files that every container gets instead of the image's. */
  sharedMounts: readonly Mount[];
  containers: Containers;
}

/** After this time, the engine has created every container that a dead client had asked for. */
const lateCreationMs = 30_000;

/** Sandboxes by Docker or Podman: one container per command. */
export async function createContainers(options: BackendOptions): Promise<Sandboxes> {
  const engine = await findEngine(options.engine, options.engineEnvironment);
  const { image } = options;
  if (image === null)
    throw new Error('SANDBOX_IMAGE: expected the image of containers (SANDBOX=container); it is not set');
  return openContainers({ ...options, engine, image });
}

export async function openContainers(options: Options): Promise<Sandboxes> {
  const { engine, folder } = options;
  const uid = engine.rootless ? null : findSandboxUser();
  const user = { uid: uid ?? process.getuid?.() ?? 0, gid: uid ?? process.getgid?.() ?? 0 };
  const isRootInside = engine.rootless && engine.program === 'docker';
  const files = await writeSandboxFiles(folder, isRootInside ? 0 : user.uid);
  const seccompFile = path.join(folder, 'seccomp.json');
  await writeFile(seccompFile, buildSeccompProfile(), { mode: 0o644 });
  const idFolder = path.join(folder, 'containers');
  await rm(idFolder, { recursive: true, force: true });
  await mkdir(idFolder, { recursive: true });
  // Unique to this home, so that two Pullwrights on one machine do not remove each other's containers.
  const label = `pullwright=${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
  const sharedMounts = [
    { from: files.passwd, to: '/etc/passwd', writable: false },
    { from: files.group, to: '/etc/group', writable: false },
    { from: files.gitconfig, to: '/etc/gitconfig', writable: false },
  ];
  const containers = trackContainers(openContainerEngine(engine, options.engineEnvironment), label);
  await containers.sweep();
  const setup = { ...options, user, seccompFile, label, idFolder, sharedMounts, containers };
  return openSandboxes(options, {
    uid,
    warning: null,
    limitsEnforcedBy: `${engine.program}${engine.rootless ? ', rootless' : ''}`,
    files,
    environment: {},
    isolatesNetwork: true,
    run: (command) => run(setup, command),
  });
}

/** Knows which containers are in use, and removes all others. */
interface Containers {
  /** Names of the containers that commands run in. */
  inUse: Set<string>;
  sweep(): Promise<void>;
  /** Sweeps once after `lateCreationMs`, when containers may have appeared late. */
  sweepIfDue(): Promise<void>;
  remove(name: string, exists: boolean): Promise<void>;
}

function trackContainers(engine: ContainerEngine, label: string): Containers {
  const inUse = new Set<string>();
  // Due once after each start: the clients of a killed predecessor may get their containers late.
  let sweepAt: number | null = Date.now() + lateCreationMs;
  const sweep = () => engine.sweep(label, inUse);
  return {
    inUse,
    sweep,
    sweepIfDue: async () => {
      if (sweepAt === null || Date.now() < sweepAt) return;
      sweepAt = null;
      await sweep();
    },
    remove: async (name, exists) => {
      if (!(await engine.remove(name, exists))) sweepAt = Date.now() + lateCreationMs;
    },
  };
}

async function run(setup: Setup, command: PreparedCommand): Promise<ProcessResult> {
  const { containers } = setup;
  await containers.sweepIfDue();
  const name = `pullwright-${command.id}`;
  const idFile = path.join(setup.idFolder, command.id);
  const bash = buildBashArguments(command, '/run/command');
  const commandFile = path.join(argumentFolder(setup.folder), command.id);
  let result: ProcessResult | null = null;
  containers.inUse.add(name);
  try {
    // The file is readable for everyone, because the container's user may have any number on the host. Nobody
    // else can guess the file's name.
    if (bash.fileContent !== null) await writeFile(commandFile, bash.fileContent, { mode: 0o644 });
    const argv = buildCommandLine(setup, command, { name, idFile, bash, commandFile });
    const input = { stdin: command.stdin, env: setup.engineEnvironment };
    result = await runProcess(argv, input, command.limits);
    // Exit code 125 means that the engine itself failed. A command can imitate that, but it has no advantage
    // from doing so.
    if (result.exitCode === 125 && /^(?:Error:|docker:)/m.test(result.stderr))
      throw new Error(`sandbox: ${result.stderr.trim().slice(0, 500)}`);
    return result;
  } finally {
    try {
      await removeContainer(containers, name, idFile, result);
    } finally {
      containers.inUse.delete(name);
      for (const file of [idFile, commandFile]) await rm(file, { force: true });
    }
  }
}

function buildCommandLine(
  setup: Setup,
  command: PreparedCommand,
  container: { name: string; idFile: string; bash: BashArguments; commandFile: string },
): string[] {
  const { name, idFile, bash, commandFile } = container;
  const certificates = command.certificates.map((file) => ({ from: file, to: file, writable: false }));
  const mounts = [...setup.sharedMounts, ...command.mounts, ...certificates];
  if (bash.fileContent !== null) mounts.push({ from: commandFile, to: '/run/command', writable: false });
  const args = buildContainerArguments({ ...setup, ...command, limits: setup.limits, name, idFile, mounts });
  // With a socket as its input, bash assumes a remote shell, and without --norc reads a file from the home.
  const inside = ['--norc', '-c', firstProcess, bash.script, 'bash', ...bash.args];
  // When this process dies, the client is told to end, and passes that on to the container.
  const dieWithParent = ['setpriv', '--pdeathsig', 'TERM', '--'];
  return [...dieWithParent, setup.engine.program, ...args, setup.image, ...inside];
}

/**
 * The first process of a container. It ends when it is asked to, which ends everything in the container, and
 * it collects the processes that lost their parent.
 */
const firstProcess = `trap 'exit 143' TERM INT HUP
exec 3<&0
/bin/bash --norc -c "$0" "$@" <&3 3<&- &
exec 3<&- 0<&-
wait "$!"`;

/**
 * Removes what is left of a container. A client that is killed does not end its container, while one that
 * exits leaves none. From 125 on, the exit code may be that of a client that failed or was killed.
 * @param result null: the client was not started, or failed
 */
async function removeContainer(
  containers: Containers,
  name: string,
  idFile: string,
  result: ProcessResult | null,
): Promise<void> {
  if (result?.ended !== 'exited') await containers.remove(name, await hasContent(idFile));
  else if (result.exitCode === null || result.exitCode >= 125) await containers.remove(name, true);
}

/** The client creates an empty file before it asks for a container. */
async function hasContent(file: string): Promise<boolean> {
  return (await readFile(file, 'utf8').catch(() => '')) !== '';
}
