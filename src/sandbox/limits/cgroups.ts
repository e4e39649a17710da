import { randomBytes } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { LimitReached, SandboxLimits } from '../sandbox-types.js';
import { measureProcesses } from './measure-processes.js';

/** Creates control groups (v2). The kernel uses them to limit the memory and the processes of a command. */
export interface Cgroups {
  open(): Promise<CommandCgroup>;
}

export interface CommandCgroup {
  folder: string;
  /**
   * Kills all processes in the group and removes it.
   * @returns the limit for which the kernel killed a process; null: none
   */
  close(): Promise<LimitReached | null>;
}

const requiredControllers = ['memory', 'pids'];
/**
 * The default weight is 100, so commands get less processor time than other programs. A command that runs
 * alone still gets all processors.
 */
const cpuWeight = 10;

/**
 * Finds the place where this process may create control groups: for root, below the root of the hierarchy;
 * for others, in a group that was delegated to them (systemd's `Delegate=yes`).
 * @param system where to read the process's own entries; tests use another place
 * @returns the reason, for people, when there is no such place
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
  // Groups that a killed process left behind. Groups in use cannot be removed, and stay.
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

/** @throws Error with the reason when there is no place for groups */
async function findBase(mount: string, own: string, isRoot: boolean): Promise<string> {
  // Only the root of the whole hierarchy has no type, and only there groups may exist next to processes.
  if (isRoot && !existsSync(path.join(mount, 'cgroup.type'))) {
    const base = path.join(mount, 'pullwright');
    // Optional controllers are not enabled here, because that would change how the rest of the machine shares
    // its processors.
    await enableControllers(mount, []);
    await mkdir(base, { recursive: true });
    await enableControllers(base);
    return base;
  }
  const parent = path.dirname(own);
  // systemd's DelegateSubgroup=: this process has a group of its own already, and the parent is delegated to
  // us.
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

/** @param optional controllers that are enabled where they exist */
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
  // A group can be removed once its last process, which is killed already, is gone.
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
