import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeSandboxFolder } from '../../../src/sandbox/sandbox.js';

/**
 * Writes the files of a repository that a sandbox can change.
 * @param uid `Sandboxes.uid`, the owner of the files
 */
export async function writeTree(
  tree: string,
  files: Record<string, string>,
  uid: number | null,
): Promise<void> {
  await makeSandboxFolder(tree, uid);
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(tree, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  if (uid !== null) execFileSync('chown', ['-R', String(uid), tree]);
}
