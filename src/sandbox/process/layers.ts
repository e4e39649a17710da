import { mkdir, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { Layers } from '../sandbox-types.js';
import { makeSandboxFolder } from './sandbox-user.js';

/**
 * Creates the folders of an overlay.
 * @param folder the folder that will contain them; it must not exist
 * @param parts the subfolders of `lower` to which commands can write
 * @param uid `Sandboxes.uid`
 */
export async function makeLayers(
  folder: string,
  lower: string,
  parts: readonly string[],
  uid: number | null,
): Promise<Layers> {
  const layers: Layers = {
    lower,
    upper: path.join(folder, 'upper'),
    work: path.join(folder, 'work'),
    merged: path.join(folder, 'merged'),
  };
  await mkdir(folder, { recursive: true });
  for (const one of [layers.upper, layers.work, layers.merged]) await mkdir(one);
  for (const part of parts) {
    const top = path.join(layers.upper, part);
    await makeSandboxFolder(top, uid);
    const { atime, mtime } = await stat(path.join(lower, part));
    await utimes(top, atime, mtime);
  }
  return layers;
}
