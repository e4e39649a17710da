import { existsSync } from 'node:fs';
import path from 'node:path';

const folders = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/google/chrome'];

/**
 * Looks for a program where Linux distributions install programs, whatever PATH says.
 * @param names tried in order
 * @returns the first one's path; null when none is installed
 */
export function findProgram(...names: readonly string[]): string | null {
  const files = names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return files.find((file) => existsSync(file)) ?? null;
}
