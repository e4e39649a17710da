import { randomBytes } from 'node:crypto';
import { closeSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { handOver } from '../../workspace/hand-over.js';
import { type DiskAccount, openDiskAccount } from '../limits/disk-account.js';
import {
  dropRights,
  findSandboxUser,
  limitResources,
  makeSandboxFolder,
  openMounts,
  startClean,
} from '../process/drop-rights.js';
import { removeFolder } from '../process/remove-folder.js';
import { runProcess } from '../process/run-process.js';
import { watchProcesses } from '../process/watch-processes.js';
import { createRunningSandbox } from '../running-sandbox.js';
import type { Command, Execution, Mount, Sandboxes } from '../sandbox.js';
import { baseEnvironment, toolPath } from '../sandbox-environment.js';
import { openNameless, writeSandboxFiles } from '../sandbox-files.js';
import type { BubblewrapOptions } from './bubblewrap.js';

type NoSandboxOptions = Omit<BubblewrapOptions, 'cgroups' | 'egressProgram'>;

const defaultMaxOutputBytes = 10 * 1024 * 1024;
/** A name that only a command's own processes have in their environment, wherever they went. */
const mark = 'PULLWRIGHT_COMMAND';

/**
 * No sandbox: commands run as processes of this machine, with its files, its network and everything else that their user
 * may reach. What is left: another user where this process is root, an environment without anything of ours, limits,
 * and an end for all that a command started. The paths that the others mount are put into scripts, arguments and
 * environment instead, and taken out of what is printed.
 * @throws Error where the paths are such that this cannot be done
 */
export async function createNoSandbox(options: NoSandboxOptions): Promise<Sandboxes> {
  const { folder, limits, wrapper } = options;
  if (!/^[\w./-]+$/.test(folder))
    throw new Error(
      `without a sandbox, PULLWRIGHT_HOME may hold letters, digits, . _ - only; found ${folder}`,
    );
  const uid = findSandboxUser();
  const files = await writeSandboxFiles(folder, uid ?? process.getuid?.() ?? 0);

  const execute = async (
    mounts: readonly Mount[],
    disk: DiskAccount,
    command: Command,
    stop: AbortSignal,
  ): Promise<Execution> => {
    await openMounts(mounts);
    const isFull = await disk.isFull();
    const id = randomBytes(12).toString('hex');
    const own = path.join(folder, `command-${id}`);
    const places = [...mounts.map(({ from, to }) => ({ from: wrapper.inside(from), to }))];
    for (const to of ['/tmp', '/home/agent'])
      if (!mounts.some((mount) => mount.to === to)) {
        const from = path.join(own, path.basename(to));
        await makeSandboxFolder(own, uid);
        await makeSandboxFolder(from, uid);
        places.push({ from: wrapper.inside(from), to });
      }
    const { enter, leave } = mapPaths(places);
    const environment = {
      ...baseEnvironment,
      ...(options.toolPaths.length > 0 && { PATH: toolPath(options.toolPaths) }),
      ...(command.egress && options.packages.environment),
      ...command.env,
    };
    const settings = Object.entries(environment).map(([name, value]) => `${name}=${enter(value)}`);
    const { words, content } = handOver(
      { script: enter(command.script), args: (command.args ?? []).map(enter) },
      '&3',
    );
    const descriptors = content === null ? [] : [openNameless(path.join(folder, 'arguments'), content)];
    const argv = [
      ...startClean(descriptors.length + 2, null),
      ...wrapper.argv,
      ...dropRights(uid),
      ...limitResources({ ...limits, fileBytes: isFull ? 0 : limits.fileBytes }),
      ...[
        'env',
        '--ignore-environment',
        `--chdir=${enter(path.posix.resolve('/workspace', command.cwd ?? '.'))}`,
      ],
      // Mounted as /etc/gitconfig elsewhere: the mirror belongs to another user.
      ...[...settings, `GIT_CONFIG_SYSTEM=${wrapper.inside(files.gitconfig)}`, `${mark}=${id}`],
      ...['/bin/bash', '--norc', ...words],
    ];
    try {
      const result = await runProcess(
        argv,
        { descriptors, stdin: command.stdin },
        {
          timeoutMs: Math.min(command.timeoutMs, limits.timeMs),
          maxOutputBytes: Math.min(command.maxOutputBytes ?? defaultMaxOutputBytes, limits.outputBytes),
          signal: stop,
          watch: (pid, reached) => {
            const ends = [disk.watch, watchProcesses(limits, () => null)].map((one) => one(pid, reached));
            return () => {
              for (const end of ends) end();
            };
          },
        },
      );
      const [stdout, stderr, output] = [result.stdout, result.stderr, result.output].map(leave);
      return {
        ...result,
        stdout: stdout ?? '',
        stderr: stderr ?? '',
        output: output ?? '',
        refusedHosts: [],
      };
    } finally {
      for (const descriptor of descriptors) closeSync(descriptor);
      await killMarked(id);
      await removeFolder(own);
    }
  };

  return {
    uid,
    warning:
      'This server runs commands without a sandbox (SANDBOX=none): the agent and the repository’s own scripts could reach its files and its network.',
    open: (mounts) => {
      const disk = openDiskAccount(mounts, limits);
      return createRunningSandbox((command, stop) => execute(mounts, disk, command, stop));
    },
  };
}

/** Between the paths that scripts are written with and those that there are. */
export function mapPaths(places: readonly { from: string; to: string }[]): {
  enter(text: string): string;
  leave(text: string): string;
} {
  const quote = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const replacer = (pairs: readonly (readonly [string, string])[]) => {
    const longestFirst = [...pairs].sort(([one], [other]) => other.length - one.length);
    const targets = new Map(pairs);
    // Only whole names: neither /tmpfile nor ./tmp is /tmp.
    const pattern = longestFirst.map(([name]) => quote(name)).join('|');
    const all = new RegExp(`(?<![\\w./~-])(?:${pattern})(?![\\w-]|\\.\\w)`, 'g');
    return (text: string) => text.replace(all, (name) => targets.get(name) ?? name);
  };
  return {
    enter: replacer(places.map(({ from, to }) => [to, from] as const)),
    leave: replacer(places.map(({ from, to }) => [from, to] as const)),
  };
}

/** What left the process group (`setsid`), or was handed over to the machine's first process. */
async function killMarked(id: string): Promise<void> {
  if (process.platform !== 'linux') return;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // Those of other users cannot be read, and are none of ours.
    const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '');
    if (!environment.includes(`${mark}=${id}`)) continue;
    try {
      process.kill(Number(name), 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
