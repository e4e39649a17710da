import { runProcess } from './run-process.js';

/**
 * Removes a folder that untrusted commands wrote to. `rm` descends by descriptors, so no path is too deep for
 * it. Folders that their owner closed are opened first.
 * @throws Error when something of it is left
 */
export async function removeFolder(folder: string): Promise<void> {
  const script = `rm -rf -- "$1" 2>/dev/null || { chmod -R u+rwX -- "$1"; rm -rf -- "$1"; }`;
  const { exitCode, stderr } = await runProcess(
    ['/bin/sh', '-c', script, 'sh', folder],
    {},
    { timeoutMs: 600_000, maxOutputBytes: 1024 * 1024 },
  );
  if (exitCode !== 0) throw new Error(`could not remove ${folder}: ${stderr.trim().slice(0, 300)}`);
}
