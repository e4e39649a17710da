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
  /** Files that are mounted over the image's own files in every container. */
  sharedMounts: readonly Mount[];
  containers: Containers;
}

/**
 * The engine may create a container after the client that requested it was killed. This happens at most this
 * many milliseconds after the kill.
 */
const lateCreationMs = 30_000;

/** Creates sandboxes with Docker or Podman. Each command gets its own container. */
export async function createContainers(options: BackendOptions): Promise<Sandboxes> {
  const engine = await findEngine(options.engine, options.engineEnvironment);
  const { image } = options;
  if (image === null)
    throw new Error('SANDBOX_IMAGE: expected a container image, because SANDBOX=container; it is not set');
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
  // The label is unique for each PULLWRIGHT_HOME. Otherwise, two Pullwright servers on one machine would
  // remove each other's containers.
  const label = `pullwright=${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
  const sharedMounts = [
    { from: files.passwd, to: '/etc/passwd', writable: false },
    { from: files.group, to: '/etc/group', writable: false },
    { from: files.gitconfig, to: '/etc/gitconfig', writable: false },
    // Without a network, Docker does not write the container's host name into the file of the image.
    { from: files.hosts, to: '/etc/hosts', writable: false },
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
    layersFault: 'SANDBOX=container mounts no overlays',
    run: (command) => run(setup, command),
  });
}

/** Tracks which containers are in use, and removes all others. */
interface Containers {
  /** Names of the containers in which commands are running. */
  inUse: Set<string>;
  sweep(): Promise<void>;
  /**
   * Removes unused containers if a cleanup is due. A cleanup becomes due `lateCreationMs` after (1)
   * Pullwright has started, or (2) a client was killed and its container could not be found.
   */
  sweepIfDue(): Promise<void>;
  remove(name: string, exists: boolean): Promise<void>;
}

function trackContainers(engine: ContainerEngine, label: string): Containers {
  const inUse = new Set<string>();
  // An earlier Pullwright server may have been killed. The engine may still create containers that the killed
  // server requested. So the first cleanup is due `lateCreationMs` after the start of Pullwright.
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
    // Every user can read the file, because the container's user can have any id on the host. The file's name
    // is random, so other users cannot guess it.
    if (bash.fileContent !== null) await writeFile(commandFile, bash.fileContent, { mode: 0o644 });
    const argv = buildCommandLine(setup, command, { name, idFile, bash, commandFile });
    const input = { stdin: command.stdin, dialogue: command.dialogue, env: setup.engineEnvironment };
    result = await runProcess(argv, input, command.limits);
    // Exit code 125 means that the engine itself failed. A command can imitate this, but gains nothing from
    // it.
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
  // An engine refuses two mounts at one path. As with bubblewrap, the last one counts.
  const all = [...setup.sharedMounts, ...command.mounts, ...certificates];
  const mounts = [...new Map(all.map((mount) => [mount.to, mount])).values()];
  if (bash.fileContent !== null) mounts.push({ from: commandFile, to: '/run/command', writable: false });
  const args = buildContainerArguments({ ...setup, ...command, limits: setup.limits, name, idFile, mounts });
  // If the input is a socket, bash assumes a remote shell and reads a startup file from the home folder. The
  // option --norc prevents that.
  const inside = ['--norc', '-c', firstProcess, bash.script, 'bash', ...bash.args];
  // When Pullwright dies, the kernel sends SIGTERM to the client, and the client forwards it to the
  // container.
  const dieWithParent = ['setpriv', '--pdeathsig', 'TERM', '--'];
  return [...dieWithParent, setup.engine.program, ...args, setup.image, ...inside];
}

/**
 * Script of the first process of a container. When this process gets a signal, it ends, which ends all other
 * processes in the container. While it runs, it reaps processes that have lost their parent.
 */
const firstProcess = `trap 'exit 143' TERM INT HUP
exec 3<&0
/bin/bash --norc -c "$0" "$@" <&3 3<&- &
exec 3<&- 0<&-
wait "$!"`;

/**
 * Removes a container that the engine's command-line client may have left behind. This is possible if (1) the
 * client was killed, which does not end the container, or (2) the exit code is 125 or higher, which can mean
 * that the client failed or was killed. A client that exits normally leaves no container.
 * @param result null when the client could not be run
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

/** Checks whether the client has written a container's id to the file. At first, the file is empty. */
async function hasContent(file: string): Promise<boolean> {
  return (await readFile(file, 'utf8').catch(() => '')) !== '';
}
