import { stat } from 'node:fs/promises';
import path from 'node:path';

/** How another user gets to folders of ours: words before a command, and where the folders are for that command. */
export interface NamespaceWrapper {
  argv: readonly string[];
  /** A path in one of the folders as the command sees it; any other path as it is. */
  inside(file: string): string;
}

/** Somewhere that every Linux has and everybody may pass. */
const meetingPlace = '/mnt';

const script = `
mount -t tmpfs -o mode=0755,size=64k tmpfs ${meetingPlace} || exit 126
number=0
while [ "$1" != -- ]; do
  mkdir ${meetingPlace}/$number && mount --bind "$1" ${meetingPlace}/$number || exit 126
  number=$((number + 1)); shift
done
shift
exec "$@"`;

/**
 * As root, sandboxes and the embedded Postgres run as other users. Where something above a folder is closed to them
 * (`/root`, `mktemp -d`), nobody's permissions are changed: the command gets a mount namespace of its own, in which the
 * folder is shown at a place that they may pass.
 */
export async function findNamespaceWrapper(folders: readonly string[]): Promise<NamespaceWrapper> {
  const closed: string[] = [];
  if (process.getuid?.() === 0)
    for (const folder of folders) if (!(await isPassable(path.dirname(folder)))) closed.push(folder);
  const words = ['unshare', '--mount', '--propagation', 'private', '--', '/bin/sh', '-c', script, 'sh'];
  return {
    argv: closed.length > 0 ? [...words, ...closed, '--'] : [],
    inside: (file) => {
      const number = closed.findIndex((folder) => file === folder || file.startsWith(`${folder}/`));
      const folder = closed[number];
      return folder === undefined ? file : `${meetingPlace}/${number}${file.slice(folder.length)}`;
    },
  };
}

async function isPassable(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  const parent = path.dirname(folder);
  return (mode & 0o001) !== 0 && (parent === folder || (await isPassable(parent)));
}
