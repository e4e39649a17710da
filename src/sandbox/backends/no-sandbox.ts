import { closeSync } from 'node:fs';
import path from 'node:path';
import { monitorProcesses } from '../limits/monitor-processes.js';
import { dropPrivileges, limitResources, startClean } from '../process/command-prefixes.js';
import { killMarked } from '../process/kill-marked.js';
import { removeFolder } from '../process/remove-folder.js';
import { type ProcessResult, runProcess } from '../process/run-process.js';
import { findSandboxUser, makeSandboxFolder } from '../process/sandbox-user.js';
import { openUnlinkedFile } from '../process/unlinked-file.js';
import type { Dialogue, Mount, Sandboxes } from '../sandbox-types.js';
import type { BackendOptions } from './backend-options.js';
import { buildBashArguments } from './bash-arguments.js';
import { mapPaths, type PathMap } from './map-paths.js';
import { openSandboxes, type PreparedCommand } from './open-sandboxes.js';
import { pathWithTools } from './sandbox-environment.js';
import { argumentFolder, type SandboxFiles, writeSandboxFiles } from './sandbox-files.js';

type Options = Omit<BackendOptions, 'image' | 'engine' | 'engineEnvironment'>;

interface Setup extends Options {
  uid: number | null;
  files: SandboxFiles;
}

/**
 * An environment variable of each process that a command starts. It identifies these processes even after
 * they have left their process group.
 */
const mark = 'PULLWRIGHT_COMMAND';

/**
 * Runs commands without a sandbox, as processes of this machine. They can access all files and networks that
 * their user can access. If Pullwright runs as root, commands run as another user. Each command gets a clean
 * environment and limits, and all of its processes are killed at the end. Instead of mounting folders, this
 * backend replaces paths in scripts, arguments, environment and output.
 * @throws Error when `folder` has characters that a shell would interpret
 */
export async function createNoSandbox(options: Options): Promise<Sandboxes> {
  const { folder } = options;
  if (!/^[\w./-]+$/.test(folder))
    throw new Error(
      `PULLWRIGHT_HOME: expected a path of letters, digits, . _ - and / when SANDBOX=none; found ${folder}`,
    );
  const uid = findSandboxUser();
  const files = await writeSandboxFiles(folder, uid ?? process.getuid?.() ?? 0);
  return openSandboxes(options, {
    uid,
    warning:
      'This server runs commands without a sandbox (SANDBOX=none): the agent and the repository’s own ' +
      'scripts can access the server’s files and network.',
    limitsEnforcedBy: 'resource limits and polling',
    files,
    environment: pathWithTools(options.toolPaths),
    isolatesNetwork: false,
    layersFault: 'SANDBOX=none mounts no overlays',
    run: (command) => run({ ...options, uid, files }, command),
  });
}

async function run(setup: Setup, command: PreparedCommand): Promise<ProcessResult> {
  const own = path.join(setup.folder, `command-${command.id}`);
  const descriptors: number[] = [];
  try {
    const { toHost, toSandbox } = mapPaths(await makePlaces(setup, command.mounts, own));
    const bash = buildBashArguments({ script: toHost(command.script), args: command.args.map(toHost) }, '&3');
    if (bash.fileContent !== null)
      descriptors.push(openUnlinkedFile(argumentFolder(setup.folder), bash.fileContent));
    const variables = Object.entries(command.environment).map(([name, value]) => `${name}=${toHost(value)}`);
    const fileBytes = command.isOverQuota ? 0 : setup.limits.fileBytes;
    const argv = [
      ...startClean(descriptors.length + 2, null),
      ...setup.wrapper.argv,
      ...dropPrivileges(setup.uid),
      ...limitResources({ ...setup.limits, fileBytes }),
      ...['env', '--ignore-environment', `--chdir=${toHost(command.cwd)}`, ...variables],
      // This configuration file contains the setting safe.directory. Without this setting, git refuses the
      // mirror, because the mirror belongs to another user. Other backends mount the file as /etc/gitconfig.
      `GIT_CONFIG_SYSTEM=${setup.wrapper.inside(setup.files.gitconfig)}`,
      `${mark}=${command.id}`,
      ...['/bin/bash', '--norc', '-c', bash.script, 'bash', ...bash.args],
    ];
    const monitor = monitorProcesses(setup.limits, () => null);
    const limits = { ...command.limits, monitors: [...command.limits.monitors, monitor] };
    const { stdin } = command;
    const dialogue = command.dialogue && mapDialogue(command.dialogue, { toHost, toSandbox });
    const result = await runProcess(argv, { descriptors, stdin, dialogue }, limits);
    return {
      ...result,
      stdout: toSandbox(result.stdout),
      stderr: toSandbox(result.stderr),
      output: toSandbox(result.output),
    };
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
    await killMarked(`${mark}=${command.id}`);
    await removeFolder(own);
  }
}

function mapDialogue({ onStart, onLine }: Dialogue, { toHost, toSandbox }: PathMap): Dialogue {
  return {
    onStart: (send) => onStart((line) => send(toHost(line))),
    onLine: (line) => onLine(toSandbox(line)),
  };
}

/**
 * Maps paths in the sandbox to host paths. A mount maps to its host folder. /tmp and the home folder map to
 * folders that exist only for this command.
 */
async function makePlaces(
  { uid, wrapper }: Setup,
  mounts: readonly Mount[],
  own: string,
): Promise<{ from: string; to: string }[]> {
  const places = mounts.map(({ from, to }) => ({ from: wrapper.inside(from), to }));
  for (const to of ['/tmp', '/home/agent']) {
    if (mounts.some((mount) => mount.to === to)) continue;
    const from = path.join(own, path.basename(to));
    await makeSandboxFolder(own, uid);
    await makeSandboxFolder(from, uid);
    places.push({ from: wrapper.inside(from), to });
  }
  return places;
}
