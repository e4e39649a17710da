import { chmod, chown, mkdir } from 'node:fs/promises';
import type { Mount } from '../sandbox-types.js';

/** User id that no account of this machine should have. */
const unusedUid = 64001;

/**
 * Returns the host user that runs commands. Root must never run code from a repository.
 * @returns null when Pullwright does not run as root; commands then run as the same user as Pullwright
 */
export function findSandboxUser(): number | null {
  return process.getuid?.() === 0 ? unusedUid : null;
}

/**
 * Creates a folder that belongs to the user that runs commands.
 * @param uid `Sandboxes.uid`
 */
export async function makeSandboxFolder(folder: string, uid: number | null): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (uid !== null) await chown(folder, uid, uid);
}

/**
 * Makes writable mounts accessible again. Otherwise, if a command runs `chmod 000 /workspace`, the next
 * command could not start.
 */
export async function restoreAccess(mounts: readonly Mount[]): Promise<void> {
  for (const { from, writable } of mounts) if (writable) await chmod(from, 0o755);
}
