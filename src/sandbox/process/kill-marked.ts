import { readdir, readFile } from 'node:fs/promises';

/**
 * Kills every process with the variable `entry` (`NAME=value`) in its environment. These include processes
 * that left their process group (`setsid`) or lost their parent.
 */
export async function killMarked(entry: string): Promise<void> {
  if (process.platform !== 'linux') return;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // This read fails for processes of other users. The command cannot have started those.
    const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '');
    if (environment.includes(entry)) killIfAlive(Number(name));
  }
}

export function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
