import { randomBytes } from 'node:crypto';
import { openSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Creates a file that has only a descriptor and no name. The kernel deletes it when the last descriptor is
 * closed. Use it for content that is secret or too long for a command line.
 * @returns the descriptor, at the beginning of the file; the caller closes it
 */
export function openUnlinkedFile(folder: string, content: string): number {
  const file = path.join(folder, randomBytes(6).toString('hex'));
  writeFileSync(file, content, { mode: 0o600, flag: 'wx' });
  try {
    return openSync(file, 'r+');
  } finally {
    rmSync(file);
  }
}
