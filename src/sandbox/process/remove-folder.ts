import { lstatSync } from 'node:fs';
import { runProcess } from './run-process.js';

/**
 * Removes a folder to which untrusted commands wrote. `rm` opens each folder relative to its parent, so it
 * can remove even paths that are too long for the kernel. If `rm` fails, `chmod` restores access to
 * folders from which a command removed the permissions, and `rm` runs again.
 * @throws Error when a part of the folder could not be removed
 */
export async function removeFolder(folder: string): Promise<void> {
  // Most folders of a run were never created. Starting processes for each would be slow.
  if (!lstatSync(folder, { throwIfNoEntry: false })) return;
  const script = `rm -rf -- "$1" 2>/dev/null || { chmod -R u+rwX -- "$1"; rm -rf -- "$1"; }`;
  const { exitCode, stderr } = await runProcess(
    ['/bin/sh', '-c', script, 'sh', folder],
    {},
    { timeoutMs: 600_000, maxOutputBytes: 1024 * 1024 },
  );
  if (exitCode !== 0) throw new Error(`could not remove ${folder}: ${stderr.trim().slice(0, 300)}`);
}
