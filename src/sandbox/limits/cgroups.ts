import { randomBytes } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { LimitReached, SandboxLimits } from '../sandbox.js';
import { measureProcesses } from './measure-processes.js';

/** Control groups (v2) for commands: memory and processes bounded by the kernel, whatever kind of memory it is. */
export interface Cgroups {
  open(): Promise<CommandCgroup>;
}

export interface CommandCgroup {
  folder: string;
  /** Kills what is in it and removes it. @returns the limit that the kernel ended it at */
  close(): Promise<LimitReached | null>;
}

const wanted = ['memory', 'pids'];
/** A tenth of what every other group has; alone, a command still has all the processors. */
const cpuWeight = 10;

/**
 * Where this process may make control groups: as root below the root of the hierarchy; else where they are delegated to
 * it (systemd's `Delegate=yes`).
 * @param system where /proc/self and the hierarchy are looked up; another one in tests
 * @returns what is missing, in words, where there are none to be had
 */
export async function openCgroups(
  { memoryBytes, processes }: Pick<SandboxLimits, 'memoryBytes' | 'processes'>,
  system = { proc: '/proc/self', isRoot: process.getuid?.() === 0 },
): Promise<Cgroups | { missing: string }> {
  const mounts = await readFile(path.join(system.proc, 'mountinfo'), 'utf8');
  const mount = /^\d+ \d+ \S+ \S+ (\S+) .*- cgroup2 /m.exec(mounts)?.[1];
  if (!mount) return { missing: 'no cgroup v2 is mounted' };
  const own = /^0::(.*)$/m.exec(await readFile(path.join(system.proc, 'cgroup'), 'utf8'))?.[1];
  if (own === undefined) return { missing: 'this process is in no group of cgroup v2' };
  let base: string;
  try {
    base = await findBase(mount, path.join(mount, own), system.isRoot);
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
  // What a killed process left behind; those of others are in use, and stay.
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

/** @throws Error with the reason why there is none */
async function findBase(mount: string, own: string, isRoot: boolean): Promise<string> {
  // Only the root of all has no type, and only there may groups stand beside processes.
  if (isRoot && !existsSync(path.join(mount, 'cgroup.type'))) {
    const base = path.join(mount, 'pullwright');
    // How the rest of the machine shares its processors is not ours to change.
    await enable(mount, []);
    await mkdir(base, { recursive: true });
    await enable(base);
    return base;
  }
  const parent = path.dirname(own);
  // systemd's DelegateSubgroup=: this process is in a group of its own already, and the one above is ours.
  if (own !== mount && (await isWritable(parent)) && (await readIds(parent)).length === 0) {
    await enable(parent);
    return parent;
  }
  if (!(await isWritable(own))) throw new Error(`${own} is not delegated to this user`);
  const ours = new Set((await measureProcesses(process.pid)).pids);
  const inside = await readIds(own);
  if (inside.some((pid) => !ours.has(pid)))
    throw new Error(`${own} has processes of others in it; a service with Delegate=yes has none`);
  const service = path.join(own, 'service');
  await mkdir(service, { recursive: true });
  for (const pid of inside) await writeFile(path.join(service, 'cgroup.procs'), String(pid));
  await enable(own);
  return own;
}

/** @param welcome controllers that are taken where they are to be had */
async function enable(folder: string, welcome = ['cpu']): Promise<void> {
  const available = (await readFile(path.join(folder, 'cgroup.controllers'), 'utf8')).trim().split(/\s+/);
  const lacking = wanted.filter((name) => !available.includes(name));
  if (lacking.length > 0) throw new Error(`${folder} has no controller for ${lacking.join(' and ')}`);
  const names = [...wanted, ...welcome.filter((name) => available.includes(name))];
  await writeFile(path.join(folder, 'cgroup.subtree_control'), names.map((name) => `+${name}`).join(' '));
}

async function isWritable(folder: string): Promise<boolean> {
  return access(path.join(folder, 'cgroup.subtree_control'), constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function readIds(folder: string): Promise<number[]> {
  const text = await readFile(path.join(folder, 'cgroup.procs'), 'utf8');
  return text.split('\n').filter(Boolean).map(Number);
}

async function close(folder: string): Promise<LimitReached | null> {
  const events = await readFile(path.join(folder, 'memory.events'), 'utf8');
  const killed = Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0);
  const killFile = path.join(folder, 'cgroup.kill');
  if (existsSync(killFile)) await writeFile(killFile, '1');
  // A group can be removed once its last process is gone, which is killed already.
  for (let left = 100; left > 0; left -= 1) {
    try {
      await rmdir(folder);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || left === 1) throw error;
      await pause(10);
    }
  }
  return killed > 0 ? 'memory-limit' : null;
}
