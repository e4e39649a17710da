import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';

/**
 * Runs `body` while this process holds the lock of a file. Other processes wait. The lock belongs to an open
 * file, so the kernel releases it when the process ends for any reason.
 */
export async function withLock<T>(file: string, body: () => Promise<T>): Promise<T> {
  const handle = await open(file, 'a', 0o600);
  try {
    await flock(handle.fd);
    return await body();
  } finally {
    await handle.close();
  }
}

/** Locks the open file with the program `flock`. This process still has the lock after the program's end. */
function flock(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', ['--exclusive', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd] });
    child.once('error', (error) => reject(new Error(`flock (of util-linux) is needed: ${error.message}`)));
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`flock ended with exit code ${code}`)),
    );
  });
}
