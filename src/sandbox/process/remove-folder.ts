import { runProcess } from './run-process.js';

/**
 * Removes a folder that a hostile hand may have been in: rm goes down by descriptors, so that no depth is too deep for
 * it, and what was closed to its owner is opened first.
 */
export async function removeFolder(folder: string): Promise<void> {
  const script = `rm -rf -- "$1" 2>/dev/null || { chmod -R u+rwX -- "$1"; rm -rf -- "$1"; }`;
  const { exitCode, stderr } = await runProcess(
    ['/bin/sh', '-c', script, 'sh', folder],
    {},
    { timeoutMs: 600_000, maxOutputBytes: 1024 * 1024 },
  );
  if (exitCode !== 0) throw new Error(`${folder} could not be removed: ${stderr.trim().slice(0, 300)}`);
}
