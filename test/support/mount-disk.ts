import { spawnSync } from 'node:child_process';
import { createTemporaryFolder } from './temporary-folder.js';

/** A disk of its own, or null where none can be had. */
export async function mountDisk(megabytes: number) {
  const folder = await createTemporaryFolder();
  const options = `size=${megabytes}m,mode=0711`;
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder.path]);
  if (status !== 0) {
    await folder.remove();
    return null;
  }
  return {
    path: folder.path,
    remove: async () => {
      spawnSync('umount', [folder.path]);
      await folder.remove();
    },
  };
}
