import { stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Runs a command in a mount namespace where another user can reach folders that are closed to that user
 * outside.
 */
export interface NamespaceWrapper {
  /** Words that go before the command line; empty when no namespace is needed. */
  argv: readonly string[];
  /**
   * Translates a path below one of the folders to the path that the command sees. Other paths stay as they
   * are.
   */
  inside(file: string): string;
}

/** A folder that every Linux has and that every user may enter. */
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
 * When this process is root, sandboxes and the embedded Postgres run as other users, who may not enter
 * folders such as `/root`. Instead of changing permissions, the command gets a mount namespace in which these
 * folders appear below /mnt.
 * @param folders absolute paths; only those that other users cannot reach are mounted
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
