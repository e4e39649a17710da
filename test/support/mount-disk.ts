import { spawnSync } from 'node:child_process';
import { createTemporaryFolder } from './temporary-folder.js';

export interface Disk {
  path: string;
  remove(): Promise<void>;
}

/** Mounts a small disk. @returns null where that is not possible, which takes root */
export async function mountDisk(megabytes: number): Promise<Disk | null> {
  const folder = await createTemporaryFolder();
  if (mount(folder.path, megabytes))
    return {
      path: folder.path,
      remove: async () => {
        spawnSync('umount', [folder.path]);
        await folder.remove();
      },
    };
  await folder.remove();
  return null;
}

/** @returns false where no file system can be mounted, which takes root */
export function mount(folder: string, megabytes: number): boolean {
  const options = `size=${megabytes}m,mode=0711`;
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder]).status === 0;
}
