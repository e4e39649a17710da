import { existsSync } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import path from 'node:path';

export interface FoundMirror {
  repositoryId: number;
  folder: string;
  bytes: number;
  /** How many files hold that; git adds some at every fetch, and packs them by itself never. */
  files: number;
  /** When it was last brought up to date, as every run does at its beginning. */
  usedAt: Date;
}

export interface MirrorLimits {
  /** What was used later is kept. */
  unusedSince: Date;
  /** All together. */
  maxBytes: number;
}

/** The mirrors to remove: those unused for too long and, oldest first, as many as are too much. */
export function chooseMirrors(
  mirrors: readonly FoundMirror[],
  { unusedSince, maxBytes }: MirrorLimits,
): FoundMirror[] {
  const newestFirst = [...mirrors].sort((one, other) => other.usedAt.getTime() - one.usedAt.getTime());
  let sum = 0;
  return newestFirst
    .filter(({ usedAt, bytes }) => {
      sum += bytes;
      return usedAt < unusedSince || sum > maxBytes;
    })
    .reverse();
}

export async function listMirrors(folder: string): Promise<FoundMirror[]> {
  const mirrors: FoundMirror[] = [];
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

/** How many files it has, and what they take. */
async function measureFolder(folder: string): Promise<{ bytes: number; files: number }> {
  const sum = { bytes: 0, files: 0 };
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const entryPath = path.join(folder, entry.name);
    // git replaces files while it works: what is gone takes nothing.
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
