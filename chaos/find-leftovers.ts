import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Maximum time to wait for the children of a killed process. They end shortly after the process. */
const timeoutMs = 3000;

/**
 * Finds the processes that still use `folder`: in an argument, as working directory, or in a sandbox's
 * mounts.
 * @returns one line for each process, with its pid and command
 */
export async function findLeftProcesses(folder: string): Promise<string[]> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = await findProcesses(folder);
    if (found.length === 0 || Date.now() > end) return found;
    await pause(50);
  }
}

async function findProcesses(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const at = (file: string) => path.join('/proc', pid, file);
    const [command, mounts, cwd] = await Promise.all([
      readUnlessGone(readFile(at('cmdline'), 'utf8')),
      readUnlessGone(readFile(at('mountinfo'), 'utf8')),
      readUnlessGone(readlink(at('cwd'))),
    ]);
    if (`${command}\n${mounts}\n${cwd}/`.includes(folder))
      found.push(`${pid} ${command.replaceAll('\0', ' ').trim()}`);
  }
  return found;
}

/**
 * Returns what was read from /proc. Returns an empty text if the process has ended or belongs to another
 * user.
 */
async function readUnlessGone(reading: Promise<string>): Promise<string> {
  try {
    return await reading;
  } catch (error) {
    if (
      ['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')
    )
      return '';
    throw error;
  }
}

/** Returns whether a process on this machine accepts connections on the port. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
