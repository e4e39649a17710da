import { randomBytes } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { LimitReached, SandboxLimits } from '../sandbox-types.js';
import { measureProcesses } from './measure-processes.js';

/**
 * Creates control groups (cgroup v2). With a group, the kernel limits the memory and processes of a command.
 */
export interface Cgroups {
  open(): Promise<CommandCgroup>;
}

export interface CommandCgroup {
  folder: string;
  /**
   * Kills all processes in the group and removes the group.
   * @returns the limit for which the kernel killed a process; null if it killed none
   */
  close(): Promise<LimitReached | null>;
}

const requiredControllers = ['memory', 'pids'];
/**
 * Weight for processor time. The kernel's default is 100, so commands get less time than other programs. A
 * command still gets all processors when no other program needs them.
 */
const cpuWeight = 10;

/**
 * Finds the folder in which Pullwright can create control groups. The root user can use the top of
 * the hierarchy. Other users need a group that was delegated to them (systemd's `Delegate=yes`).
 * @param system the folder of this process in /proc, and whether it runs as root; tests pass other values
 * @returns the control groups; if there is no such folder, `unavailable` is the human-readable reason
 */
export async function openCgroups(
  { memoryBytes, processes }: Pick<SandboxLimits, 'memoryBytes' | 'processes'>,
  system = { proc: '/proc/self', isRoot: process.getuid?.() === 0 },
): Promise<Cgroups | { unavailable: string }> {
  const mounts = await readFile(path.join(system.proc, 'mountinfo'), 'utf8');
  const mount = /^\d+ \d+ \S+ \S+ (\S+) .*- cgroup2 /m.exec(mounts)?.[1];
  if (!mount) return { unavailable: 'cgroup v2 is not mounted' };
  const own = /^0::(.*)$/m.exec(await readFile(path.join(system.proc, 'cgroup'), 'utf8'))?.[1];
  if (own === undefined) return { unavailable: 'this process is not in a cgroup v2 group' };
  let base: string;
  try {
    base = await findBase(mount, path.join(mount, own), system.isRoot);
  } catch (error) {
    return { unavailable: error instanceof Error ? error.message : String(error) };
  }
  // Removes groups that a crashed Pullwright left behind. The kernel refuses to remove groups in use.
  for (const name of await readdir(base))
    if (name.startsWith('command-')) await rmdir(path.join(base, name)).catch(() => {});
  return {
    open: async () => {
      const folder = path.join(base, `command-${randomBytes(6).toString('hex')}`);
      await mkdir(folder);
      const set = (file: string, value: string | number) => writeFile(path.join(folder, file), String(value));
      await set('memory.max', memoryBytes);
      if (existsSync(path.join(folder, 'memory.swap.max'))) await set('memory.swap.max', 0);
      await set('memory.oom.group', 1);
      await set('pids.max', processes);
      if (existsSync(path.join(folder, 'cpu.weight'))) await set('cpu.weight', cpuWeight);
      return { folder, close: () => close(folder) };
    },
  };
}

/** @throws Error with the reason when Pullwright cannot create groups anywhere */
async function findBase(mount: string, own: string, isRoot: boolean): Promise<string> {
  // A group without the file cgroup.type is the root of the whole hierarchy. It is the only group in which
  // the kernel allows both processes and limited subgroups.
  if (isRoot && !existsSync(path.join(mount, 'cgroup.type'))) {
    const base = path.join(mount, 'pullwright');
    // The optional `cpu` controller stays off here. It would change how other programs of the machine share
    // the processors.
    await enableControllers(mount, []);
    await mkdir(base, { recursive: true });
    await enableControllers(base);
    return base;
  }
  const parent = path.dirname(own);
  // With systemd's `DelegateSubgroup=`, Pullwright is already in a subgroup of its own. The parent group is
  // then delegated to Pullwright's user.
  if (own !== mount && (await isWritable(parent)) && (await readPids(parent)).length === 0) {
    await enableControllers(parent);
    return parent;
  }
  if (!(await isWritable(own))) throw new Error(`${own} is not delegated to this user`);
  const descendants = new Set((await measureProcesses(process.pid)).pids);
  const members = await readPids(own);
  if (members.some((pid) => !descendants.has(pid)))
    throw new Error(
      `${own} contains processes of other programs; run Pullwright as a service with Delegate=yes`,
    );
  const service = path.join(own, 'service');
  await mkdir(service, { recursive: true });
  for (const pid of members) await writeFile(path.join(service, 'cgroup.procs'), String(pid));
  await enableControllers(own);
  return own;
}

/** @param optional controllers to enable if the kernel offers them */
async function enableControllers(folder: string, optional = ['cpu']): Promise<void> {
  const available = (await readFile(path.join(folder, 'cgroup.controllers'), 'utf8')).trim().split(/\s+/);
  const missing = requiredControllers.filter((name) => !available.includes(name));
  if (missing.length > 0) throw new Error(`${folder} has no controller for ${missing.join(' and ')}`);
  const names = [...requiredControllers, ...optional.filter((name) => available.includes(name))];
  await writeFile(path.join(folder, 'cgroup.subtree_control'), names.map((name) => `+${name}`).join(' '));
}

async function isWritable(folder: string): Promise<boolean> {
  return access(path.join(folder, 'cgroup.subtree_control'), constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function readPids(folder: string): Promise<number[]> {
  const text = await readFile(path.join(folder, 'cgroup.procs'), 'utf8');
  return text.split('\n').filter(Boolean).map(Number);
}

async function close(folder: string): Promise<LimitReached | null> {
  const events = await readFile(path.join(folder, 'memory.events'), 'utf8');
  const kills = Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0);
  const killFile = path.join(folder, 'cgroup.kill');
  if (existsSync(killFile)) await writeFile(killFile, '1');
  // All processes are already killed, but rmdir fails with EBUSY until the last one has ended.
  for (let left = 100; left > 0; left -= 1) {
    try {
      await rmdir(folder);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || left === 1) throw error;
      await pause(10);
    }
  }
  return kills > 0 ? 'memory-limit' : null;
}
