import { existsSync } from 'node:fs';
import path from 'node:path';

const folders = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/google/chrome'];

/**
 * Finds a program in the folders where Linux distributions install programs. Ignores PATH.
 * @param names names of the program, in order of preference
 * @returns the path of the first installed program; null when none is installed
 */
export function findProgram(...names: readonly string[]): string | null {
  const files = names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return files.find((file) => existsSync(file)) ?? null;
}
