import { stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Runs a command in a mount namespace. There, users other than root can reach folders that are closed to them
 * on the host.
 */
export interface NamespaceWrapper {
  /** Words that go before the command line. Empty when no namespace is needed. */
  argv: readonly string[];
  /**
   * Translates a host path to the path that the command sees. Paths outside of the mounted folders stay the
   * same.
   */
  inside(file: string): string;
}

/** Every Linux system has this folder, and every user can enter it. */
const mountPoint = '/mnt';

const script = `
mount -t tmpfs -o mode=0755,size=64k tmpfs ${mountPoint} || exit 126
number=0
while [ "$1" != -- ]; do
  mkdir ${mountPoint}/$number && mount --bind "$1" ${mountPoint}/$number || exit 126
  number=$((number + 1)); shift
done
shift
exec "$@"`;

/**
 * Creates a wrapper with which users other than root can reach folders that are closed to them. When
 * Pullwright runs as root, sandboxes and the embedded Postgres run as other users, who cannot enter folders
 * such as `/root`. Pullwright does not change the permissions of such folders. Instead, the wrapper mounts
 * the given folders below /mnt in a mount namespace of the command.
 * @param folders absolute paths; only folders that other users cannot reach are mounted
 */
export async function findNamespaceWrapper(folders: readonly string[]): Promise<NamespaceWrapper> {
  const closed: string[] = [];
  if (process.getuid?.() === 0)
    for (const folder of folders) if (!(await isPassable(path.dirname(folder)))) closed.push(folder);
  const unshare = ['unshare', '--mount', '--propagation', 'private', '--', '/bin/sh', '-c', script, 'sh'];
  return {
    argv: closed.length > 0 ? [...unshare, ...closed, '--'] : [],
    inside: (file) => {
      const number = closed.findIndex((folder) => file === folder || file.startsWith(`${folder}/`));
      const folder = closed[number];
      return folder === undefined ? file : `${mountPoint}/${number}${file.slice(folder.length)}`;
    },
  };
}

async function isPassable(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  const parent = path.dirname(folder);
  return (mode & 0o001) !== 0 && (parent === folder || (await isPassable(parent)));
}
