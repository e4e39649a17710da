import { existsSync } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { MirrorLimits } from '../workspace.js';

export interface MeasuredMirror {
  repositoryId: number;
  folder: string;
  bytes: number;
  /**
   * Number of files in the mirror. Each fetch adds files. Git's automatic packing is turned off, so the
   * number decreases only when `tidy` packs the mirror.
   */
  files: number;
  /** Time of the last update. Every run updates its mirror when it starts. */
  usedAt: Date;
}

/**
 * Returns the mirrors to remove. These are (1) the mirrors that no run has used for a long time, and (2) if
 * all mirrors together exceed the size limit, the least recently used ones.
 */
export function findExpiredMirrors(
  mirrors: readonly MeasuredMirror[],
  { unusedSince, maxBytes }: MirrorLimits,
): MeasuredMirror[] {
  const newestFirst = [...mirrors].sort((one, other) => other.usedAt.getTime() - one.usedAt.getTime());
  let sum = 0;
  return newestFirst
    .filter(({ usedAt, bytes }) => {
      sum += bytes;
      return usedAt < unusedSince || sum > maxBytes;
    })
    .reverse();
}

/** Measures all mirrors in `folder`. */
export async function listMirrors(folder: string): Promise<MeasuredMirror[]> {
  const mirrors: MeasuredMirror[] = [];
  for (const name of existsSync(folder) ? await readdir(folder) : []) {
    const repositoryId = Number(/^(\d+)\.git$/.exec(name)?.[1]);
    const head = path.join(folder, name, 'HEAD');
    if (!repositoryId || !existsSync(head)) continue;
    const { mtime } = await stat(head);
    const mirror = path.join(folder, name);
    mirrors.push({ repositoryId, folder: mirror, ...(await measureFolder(mirror)), usedAt: mtime });
  }
  return mirrors;
}

async function measureFolder(folder: string): Promise<{ bytes: number; files: number }> {
  const sum = { bytes: 0, files: 0 };
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const entryPath = path.join(folder, entry.name);
    // Git can replace files during the measurement. A file that no longer exists counts as 0 bytes.
    const { bytes, files } = entry.isDirectory()
      ? await measureFolder(entryPath)
      : await lstat(entryPath).then(
          ({ size }) => ({ bytes: size, files: 1 }),
          () => ({ bytes: 0, files: 0 }),
        );
    sum.bytes += bytes;
    sum.files += files;
  }
  return sum;
}
