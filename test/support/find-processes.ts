import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** @returns the ids of the processes on this machine whose command line contains the text */
export async function findProcesses(text: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if ((await readFile(path.join('/proc', name, 'cmdline'), 'utf8')).includes(text))
        found.push(Number(name));
    } catch (error) {
      // The process ended in the meantime.
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return found;
}
