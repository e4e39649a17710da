import { spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError } from '../config/read-config.js';

export interface HomeLock {
  release(): Promise<void>;
}

/** `flock` ends with this when somebody else has the lock; no code of its own. */
const conflictCode = 75;

/**
 * Keeps a second worker out of `home`: both would take the same folders and the same worker's id for theirs.
 * The lock is the kernel's, on an open file: it ends with the process, however that ends, so that there is no
 * stale one.
 * @throws ConfigError when another process has it
 */
export async function lockHome(home: string): Promise<HomeLock> {
  await mkdir(home, { recursive: true });
  const handle = await open(path.join(home, 'lock'), 'a+', 0o600);
  try {
    const code = await flock(handle.fd);
    if (code === conflictCode) {
      const holder = (await handle.readFile('utf8')).trim();
      throw new ConfigError([
        `PULLWRIGHT_HOME: expected a folder that no other worker is in; ${home} is in use by process ${holder || 'unknown'}`,
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
 * The lock belongs to the open file, not to the process that asks for it: when that one is gone, we have it.
 */
function flock(fd: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const options = ['--exclusive', '--nonblock', '--conflict-exit-code', String(conflictCode), '3'];
    const child = spawn('flock', options, { stdio: ['ignore', 'ignore', 'ignore', fd] });
    child.once('error', (error) => reject(new Error(`flock (of util-linux) is needed: ${error.message}`)));
    child.once('close', resolve);
  });
}
