import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** The ids of processes of this machine whose command line holds `text`. */
export async function findProcesses(text: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if ((await readFile(path.join('/proc', name, 'cmdline'), 'utf8')).includes(text))
        found.push(Number(name));
    } catch (error) {
      // It ended meanwhile.
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return found;
}
