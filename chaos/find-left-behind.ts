import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** What was killed with its parent is gone a moment later. */
const patienceMs = 3000;

/**
 * The processes of this machine that have to do with `folder`: by their arguments, the folder they are in, or, as a
 * sandbox's have them, what is mounted for them. @returns a line for each
 */
export async function findLeftProcesses(folder: string): Promise<string[]> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const found = await findNow(folder);
    if (found.length === 0 || Date.now() > end) return found;
    await pause(50);
  }
}

async function findNow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const at = (file: string) => path.join('/proc', pid, file);
    const [command, mounts, cwd] = await Promise.all([
      unlessGone(readFile(at('cmdline'), 'utf8')),
      unlessGone(readFile(at('mountinfo'), 'utf8')),
      unlessGone(readlink(at('cwd'))),
    ]);
    if (`${command}\n${mounts}\n${cwd}/`.includes(folder))
      found.push(`${pid} ${command.replaceAll('\0', ' ').trim()}`);
  }
  return found;
}

/** It ended meanwhile, or is another user's, and so none of ours. */
async function unlessGone(reading: Promise<string>): Promise<string> {
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

/** Whether anything on this machine takes connections there. */
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
