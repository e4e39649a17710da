import { spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError } from '../config/read-config.js';

export interface HomeLock {
  release(): Promise<void>;
}

/** The exit code that we ask `flock` to use when another process has the lock. */
const conflictCode = 75;

/**
 * Keeps a second worker out of `home`, because two workers would use the same folders and the same worker id.
 * The lock belongs to an open file. The kernel releases the lock when the process ends for any reason, so no
 * lock is left over from an earlier process.
 * @throws ConfigError when another process has the lock
 */
export async function lockHome(home: string): Promise<HomeLock> {
  await mkdir(home, { recursive: true });
  const handle = await open(path.join(home, 'lock'), 'a+', 0o600);
  try {
    const code = await flock(handle.fd);
    if (code === conflictCode) {
      const holder = (await handle.readFile('utf8')).trim();
      throw new ConfigError([
        `PULLWRIGHT_HOME: expected a folder that no other worker uses; ${home} is in use by process ${holder || 'unknown'}`,
      ]);
    }
    if (code !== 0) throw new Error(`flock ended with exit code ${code}`);
    await handle.truncate();
    await handle.write(`${process.pid}\n`);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return { release: () => handle.close() };
}

/**
 * Locks the open file `fd` with the program `flock`. The lock belongs to the open file, so this process still
 * has it after the program has exited.
 * @returns the exit code of the program
 */
function flock(fd: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const options = ['--exclusive', '--nonblock', '--conflict-exit-code', String(conflictCode), '3'];
    const child = spawn('flock', options, { stdio: ['ignore', 'ignore', 'ignore', fd] });
    child.once('error', (error) => reject(new Error(`flock (of util-linux) is needed: ${error.message}`)));
    child.once('close', resolve);
  });
}
