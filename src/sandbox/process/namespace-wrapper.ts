import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Layers } from '../sandbox-types.js';

/**
 * Runs a command in a mount namespace. There, users other than root can reach folders that are closed to them
 * on the host, and layers are mounted.
 */
export interface NamespaceWrapper {
  /** Words that go before the command line. Empty when no namespace is needed. */
  argv: readonly string[];
  /**
   * Translates a host path to the path that the command sees. Paths outside of the mounted folders stay the
   * same.
   */
  inside(file: string): string;
  /** Returns a wrapper that also mounts layers. Only root can run it. */
  withLayers(layers: Layers): NamespaceWrapper;
}

/** Every Linux system has this folder, and every user can enter it. */
const mountPoint = '/mnt';

/** Mounts the arguments up to `--` below the mount point. */
const bindFolders = `
mount -t tmpfs -o mode=0755,size=64k tmpfs ${mountPoint} || exit 126
number=0
while [ "$1" != -- ]; do
  mkdir ${mountPoint}/$number && mount --bind "$1" ${mountPoint}/$number || exit 126
  number=$((number + 1)); shift
done
shift`;

/**
 * Mounts layers. The arguments are the options of the mount, the folders `work` and `merged`. The kernel
 * leaves a mark in `work`, because a crash of the machine can damage layers that are mounted as volatile.
 * Layers do not outlive such a crash, so the mark says nothing here. After the end of a command, the kernel
 * can need a moment to close files that were on their way through a socket. Until then, the upper folder is
 * busy.
 */
const mountLayers = `
tries=0
rm -rf "$2/work/incompat/volatile" || exit 126
until fault=$(mount -t overlay -o "$1" overlay "$3" 2>&1); do
  case $fault in *busy*) tries=$((tries + 1)) ;; *) tries=100 ;; esac
  [ $tries -lt 100 ] || { echo "$fault" >&2; exit 126; }
  sleep 0.05
done
shift 3`;

/**
 * Options of an overlay. Without `redirect_dir`, folders could not be renamed. Without `index`, hard links
 * would break, and the kernel would allow two mounts of one upper folder at a time. With `volatile`, the
 * kernel does not write the whole file system to the disk at the end of each command.
 */
const layerOptions = 'redirect_dir=on,index=on,metacopy=off,volatile,nosuid,nodev';

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
  return createWrapper(closed, null);
}

function createWrapper(closed: readonly string[], layers: Layers | null): NamespaceWrapper {
  const inside = (file: string) => {
    const number = closed.findIndex((folder) => isInside(file, folder));
    const folder = closed[number];
    return folder === undefined ? file : `${mountPoint}/${number}${file.slice(folder.length)}`;
  };
  const script = [...(closed.length > 0 ? [bindFolders] : []), ...(layers ? [mountLayers] : [])];
  const unshare = ['unshare', '--mount', '--propagation', 'private', '--', '/bin/sh', '-c'];
  return {
    argv:
      script.length === 0
        ? []
        : [
            ...[...unshare, [...script, 'exec "$@"'].join('\n'), 'sh'],
            ...(closed.length > 0 ? [...closed, '--'] : []),
            ...(layers ? describeLayers(layers, inside) : []),
          ],
    inside: (file) =>
      layers && isInside(file, layers.upper)
        ? inside(`${layers.merged}${file.slice(layers.upper.length)}`)
        : inside(file),
    withLayers: (one) => createWrapper(closed, one),
  };
}

/** Returns the arguments of `mountLayers`. */
function describeLayers(
  { lower, upper, work, merged }: Layers,
  inside: NamespaceWrapper['inside'],
): string[] {
  const folders = `lowerdir=${inside(lower)},upperdir=${inside(upper)},workdir=${inside(work)}`;
  return [`${folders},${layerOptions}`, inside(work), inside(merged)];
}

function isInside(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

async function isPassable(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  const parent = path.dirname(folder);
  return (mode & 0o001) !== 0 && (parent === folder || (await isPassable(parent)));
}
