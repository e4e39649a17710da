import { chown, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Egress, removeFolder } from '../../sandbox/sandbox.js';
import { runScript } from '../run-script.js';
import { makeTreeFolder, type RunFolders, type TreeSandboxes } from '../tree-sandboxes.js';
import type { Download, Workspace } from '../workspace.js';

/** Creates the function that opens folders for downloads. */
export function createOpenDownload(
  trees: TreeSandboxes,
  folders: RunFolders,
  { allowed }: Egress,
): Workspace['openDownload'] {
  let count = 0;
  return async (files): Promise<Download | null> => {
    if (!allowed) return null;
    count += 1;
    const folder = path.join(folders.downloads, String(count));
    await makeTreeFolder(folder, trees.uid);
    // No command has run in this folder yet, so it contains no link that could lead the host elsewhere.
    await writeFiles(path.join(folder, 'tree'), files, trees.uid);
    await trees.copyHome(folders.setUp, folder);
    const sandbox = trees.openWithoutRepository(folder);
    return {
      sandbox,
      folder,
      run: (command) => sandbox.execute({ ...command, egress: allowed }),
      dispose: async () => {
        await sandbox.dispose();
        await removeFolder(folder);
      },
    };
  };
}

/**
 * Copies folders of the download's home into the home of a tree folder, and replaces what is there.
 * @param homeFolders relative to the home folder
 */
export async function takeDownload(
  trees: TreeSandboxes,
  download: Download,
  treeFolder: string,
  homeFolders: readonly string[],
): Promise<void> {
  const copying = trees.openTree(treeFolder, [
    { from: path.join(download.folder, 'home'), to: '/from', writable: false },
  ]);
  await runScript(copying.own, takeScript, [...homeFolders]);
  await copying.dispose();
}

const takeScript = `
set -eu
for one in "$@"; do
  [ -e "/from/$one" ] || continue
  rm -rf "/home/agent/$one"
  mkdir -p "$(dirname "/home/agent/$one")"
  cp -a --reflink=auto "/from/$one" "/home/agent/$one"
done
`;

async function writeFiles(
  folder: string,
  files: ReadonlyMap<string, string>,
  uid: number | null,
): Promise<void> {
  for (const [name, content] of files) {
    const file = path.join(folder, name);
    if (path.relative(folder, file) !== name) throw new Error(`expected a plain path; found ${name}`);
    const created = await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    if (uid === null) continue;
    await chown(file, uid, uid);
    for (let one = path.dirname(file); created && one.length >= created.length; one = path.dirname(one))
      await chown(one, uid, uid);
  }
}
