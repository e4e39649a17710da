import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { makeLayers } from './process/layers.js';
import { removeFolder } from './process/remove-folder.js';
import { makeSandboxFolder } from './process/sandbox-user.js';
import type { Layers, Sandboxes } from './sandbox-types.js';

const timeoutMs = 10_000;

const prepare = 'mkdir folder && echo 1 > folder/file && echo 1 > one && ln one other && echo 1 > gone';

/** Does what an overlay can get wrong. If a folder cannot be renamed, `mv` makes a new one. */
const change = `
[ "$(cat folder/file one gone)" = $'1\\n1\\n1' ] || { echo 'the lower files are missing'; exit 1; }
inode=$(stat -c %i folder) && mv folder moved && [ "$(stat -c %i moved)" = "$inode" ] ||
  { echo 'folders cannot be renamed'; exit 1; }
echo 2 >> one && cmp one other || { echo 'hard links break'; exit 1; }
rm gone && chmod 600 moved/file`;

const check = `
[ ! -e folder ] && [ ! -e gone ] && cmp one other && [ "$(cat one)" = $'1\\n2' ] &&
  [ "$(stat -c %a moved/file)" = 600 ] || { echo 'the next command does not find what one wrote'; exit 1; }`;

/**
 * Tests whether sandboxes can have layers on this machine, in a folder on the file system of the later ones.
 * Commands must not notice the difference to a plain copy, and the lower folders must not change.
 * @param folder folder for the files of the test; it is created if it does not exist
 * @returns the fault, as a clause; null if there is none
 */
export async function testLayers(sandboxes: Sandboxes, folder: string): Promise<string | null> {
  if (sandboxes.layersFault !== null) return sandboxes.layersFault;
  const root = path.join(folder, 'layers-test');
  const lower = path.join(root, 'lower');
  await removeFolder(root);
  await mkdir(root, { recursive: true });
  await mkdir(lower);
  await makeSandboxFolder(path.join(lower, 'tree'), sandboxes.uid);
  const layers = await makeLayers(path.join(root, 'layers'), lower, ['tree'], sandboxes.uid);
  const run = async (from: string, script: string, over: Layers | null) => {
    const mounts = [{ from: path.join(from, 'tree'), to: '/workspace', writable: true }];
    const { exitCode, output, ended } = await sandboxes.open(mounts, over).execute({ script, timeoutMs });
    return exitCode === 0 ? null : output.trim().slice(0, 300) || ended;
  };
  try {
    const fault =
      (await run(lower, prepare, null)) ??
      (await run(layers.upper, change, layers)) ??
      (await run(layers.upper, check, layers));
    if (fault !== null) return fault;
    const names = (await readdir(path.join(lower, 'tree'))).sort().join(' ');
    const content = await readFile(path.join(lower, 'tree', 'other'), 'utf8');
    return names === 'folder gone one other' && content === '1\n' ? null : 'the lower folder has changed';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await removeFolder(root);
  }
}
