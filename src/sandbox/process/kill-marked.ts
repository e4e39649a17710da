import { readdir, readFile } from 'node:fs/promises';

/**
 * Kills every process whose environment contains `entry` (`NAME=value`). This finds processes that left their
 * process group (`setsid`) or lost their parent.
 */
export async function killMarked(entry: string): Promise<void> {
  if (process.platform !== 'linux') return;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // Processes of other users cannot be read. The command did not start those.
    const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '');
    if (environment.includes(entry)) killIfAlive(Number(name));
  }
}

/** @param pid negative: a process group */
export function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
