import { closeSync, openSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Cgroups, openCgroups } from '../limits/cgroups.js';
import { monitorProcesses } from '../limits/monitor-processes.js';
import { dropPrivileges, limitResources, startClean } from '../process/command-prefixes.js';
import { type ProcessResult, runProcess } from '../process/run-process.js';
import { findSandboxUser } from '../process/sandbox-user.js';
import { openUnlinkedFile } from '../process/unlinked-file.js';
import { SandboxBusyError } from '../sandbox-errors.js';
import type { LimitReached, Sandboxes } from '../sandbox-types.js';
import { buildSeccompFilter } from '../seccomp/seccomp-filter.js';
import type { BackendOptions } from './backend-options.js';
import { buildBashArguments } from './bash-arguments.js';
import { buildBubblewrapArguments, insideUid } from './bubblewrap-arguments.js';
import { type BubblewrapStatus, readBubblewrapStatus, waitUntilGone } from './bubblewrap-status.js';
import { openSandboxes, type PreparedCommand } from './open-sandboxes.js';
import { pathWithTools } from './sandbox-environment.js';
import { argumentFolder, type SandboxFiles, writeSandboxFiles } from './sandbox-files.js';

type Options = Pick<
  BackendOptions,
  'folder' | 'limits' | 'wrapper' | 'toolPaths' | 'packages' | 'egressProgram'
>;

interface Setup extends Options {
  uid: number | null;
  files: SandboxFiles;
  seccompFile: string;
  shownEtc: readonly string[];
  /**
   * Null if control groups are unavailable. In this case, only `prlimit` and monitor-processes.ts limit
   * memory and processes.
   */
  cgroups: Cgroups | null;
}

/**
 * Number of retries when the kernel refuses to start another process. The cause can be another sandbox with
 * too many processes. That sandbox is killed within two seconds, so a retry can succeed.
 */
const busyRetries = 5;
const busyRetryMs = 500;

/** Descriptors that bubblewrap and bash get, in the order in which `run` opens them. */
const descriptor = { seccomp: 3, arguments: 4, status: 5, script: 6 };

/**
 * The kernel mounts overlays of other users without `redirect_dir` and `index`. Folders could then not be
 * renamed, and hard links would break.
 */
const needsRoot = 'only root can mount overlays on which folders can be renamed';

/** Creates sandboxes with bubblewrap. Uses control groups if Pullwright has permission to create them. */
export async function createBubblewrap(options: Options): Promise<Sandboxes> {
  const cgroups = await openCgroups(options.limits);
  return 'unavailable' in cgroups
    ? openBubblewrap(
        options,
        null,
        `resource limits and polling, because cgroups cannot be used (${cgroups.unavailable})`,
      )
    : openBubblewrap(options, cgroups, 'cgroup v2');
}

/**
 * Creates sandboxes. Each command gets a separate process tree with its own namespaces and a seccomp filter,
 * but no capabilities and no network. A command has no access to Pullwright's environment, descriptors or
 * command line.
 */
export async function openBubblewrap(
  options: Options,
  cgroups: Cgroups | null,
  limitsEnforcedBy = 'resource limits and polling',
): Promise<Sandboxes> {
  const uid = findSandboxUser();
  const files = await writeSandboxFiles(options.folder, insideUid);
  const seccompFile = path.join(options.folder, 'seccomp');
  await writeFile(seccompFile, buildSeccompFilter(process.arch), { mode: 0o644 });
  const setup: Setup = { ...options, uid, files, seccompFile, shownEtc: await findShownEtc(), cgroups };
  return openSandboxes(options, {
    uid,
    warning: null,
    limitsEnforcedBy,
    files,
    environment: pathWithTools(options.toolPaths),
    isolatesNetwork: true,
    layersFault: uid === null ? needsRoot : null,
    run: (command) => {
      const body = () => run(setup, command);
      // A dialogue begins with the first start, so a second start would miss its first lines.
      return command.dialogue ? body() : retryWhileBusy(body, command.limits.signal);
    },
  });
}

/** Finds the parts of /etc that programs in /usr need. Debian stores Java's settings in /etc/java-*. */
async function findShownEtc(): Promise<string[]> {
  const names = await readdir('/etc');
  const java = names.filter((name) => name.startsWith('java-')).map((name) => `/etc/${name}`);
  return [
    '/etc/ssl',
    '/etc/alternatives',
    '/etc/ld.so.cache',
    '/etc/ca-certificates',
    '/etc/maven',
    '/etc/php',
    ...java,
  ];
}

async function retryWhileBusy(
  body: () => Promise<ProcessResult>,
  signal: AbortSignal,
): Promise<ProcessResult> {
  for (let left = busyRetries; ; left--)
    try {
      return await body();
    } catch (error) {
      if (!(error instanceof SandboxBusyError) || left === 0 || signal.aborted) throw error;
      await pause(busyRetryMs);
    }
}

async function run(setup: Setup, command: PreparedCommand): Promise<ProcessResult> {
  const bash = buildBashArguments(command, `&${descriptor.script}`);
  const wrapper = command.layers ? setup.wrapper.withLayers(command.layers) : setup.wrapper;
  const args = buildBubblewrapArguments({
    ...setup,
    ...command,
    wrapper,
    tmpBytes: setup.limits.tmpBytes,
    seccompDescriptor: descriptor.seccomp,
  });
  const descriptors: number[] = [];
  const open = (content: string) => {
    const opened = openUnlinkedFile(argumentFolder(setup.folder), content);
    descriptors.push(opened);
    return opened;
  };
  try {
    descriptors.push(openSync(setup.seccompFile, 'r'));
    // The options go into a file. If they were on the command line, commands could read the host's paths in
    // /proc/1/cmdline.
    open(args.join('\0'));
    const status = readBubblewrapStatus(open(''));
    if (bash.fileContent !== null) open(bash.fileContent);
    const words = ['/bin/bash', '--norc', '-c', bash.script, 'bash', ...bash.args];
    const { result, killedFor } = await runInCgroup(
      { ...setup, wrapper },
      command,
      words,
      descriptors,
      status,
    );
    await waitUntilGone(status.childPid());
    if (result.ended !== 'exited') return result;
    if (killedFor) return { ...result, ended: killedFor, exitCode: null };
    if (!status.hasStarted(result)) throw explainStart(result);
    return result;
  } finally {
    for (const opened of descriptors) closeSync(opened);
  }
}

/** @returns `killedFor`: the limit for which the kernel killed a process; null if it killed no process */
async function runInCgroup(
  setup: Setup,
  command: PreparedCommand,
  words: string[],
  descriptors: number[],
  status: BubblewrapStatus,
): Promise<{ result: ProcessResult; killedFor: LimitReached | null }> {
  const cgroup = await setup.cgroups?.open();
  let result: ProcessResult;
  let killedFor: LimitReached | null = null;
  try {
    const argv = [
      ...startClean(descriptors.length + 2, cgroup?.folder ?? null),
      ...setup.wrapper.argv,
      ...dropPrivileges(setup.uid),
      ...limitResources(setup.limits),
      'bwrap',
      ...['--json-status-fd', String(descriptor.status), '--args', String(descriptor.arguments), '--'],
      ...(command.isOverQuota ? ['prlimit', '--fsize=0', '--'] : []),
      ...words,
    ];
    const monitor = monitorProcesses(setup.limits, () => status.childPid());
    const limits = { ...command.limits, monitors: [...command.limits.monitors, monitor] };
    const { stdin, dialogue } = command;
    result = await runProcess(argv, { descriptors, stdin, dialogue }, limits);
  } finally {
    killedFor = (await cgroup?.close()) ?? null;
  }
  return { result, killedFor };
}

/**
 * Creates the error for a command that did not start. In this case, the output comes from bubblewrap and not
 * from the command.
 */
function explainStart({ stderr, exitCode }: ProcessResult): Error {
  const text = stderr.trim().slice(0, 500) || `exit code ${exitCode}`;
  // The kernel's limit on processes applies to all sandboxes of the user together, so a retry can succeed.
  return /Resource temporarily unavailable|Cannot allocate memory/.test(text)
    ? new SandboxBusyError('the server has no room for another process', 2000)
    : new Error(`sandbox: the command could not be started: ${text}`);
}
