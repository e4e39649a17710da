import { chmod, chown, mkdir } from 'node:fs/promises';
import type { Mount } from '../sandbox-types.js';

/** No account of the machine has this number. */
const unusedUid = 64001;

/**
 * The host user that commands run as. Root never runs anything from a repository.
 * @returns null: the user of this process, when that is not root
 */
export function findSandboxUser(): number | null {
  return process.getuid?.() === 0 ? unusedUid : null;
}

/**
 * Creates a folder that the sandbox's user owns.
 * @param uid `Sandboxes.uid`
 */
export async function makeSandboxFolder(folder: string, uid: number | null): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (uid !== null) await chown(folder, uid, uid);
}

/** Undoes a `chmod 000 /workspace` of an earlier command, which would keep the next one from starting. */
export async function restoreAccess(mounts: readonly Mount[]): Promise<void> {
  for (const { from, writable } of mounts) if (writable) await chmod(from, 0o755);
}
