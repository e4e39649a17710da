import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTemporaryFolder } from './temporary-folder.js';

const root = path.join(import.meta.dirname, '..', '..');

/**
 * A later version of the built program, in a folder of its own.
 * @param applicationVersion replaces the one in the build: its workflows count as different ones
 */
export async function copyProgram(version: string, applicationVersion?: string) {
  const folder = await createTemporaryFolder();
  const program = path.join(folder.path, 'dist');
  await cp(path.join(root, 'dist'), program, { recursive: true });
  for (const name of ['node_modules', 'agents'])
    await symlink(path.join(root, name), path.join(folder.path, name));
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as object;
  await writeFile(path.join(folder.path, 'package.json'), JSON.stringify({ ...manifest, version }));
  if (applicationVersion) {
    const file = path.join(program, 'engine', 'application-version.js');
    const text = await readFile(file, 'utf8');
    await writeFile(
      file,
      text.replace(/applicationVersion = '[^']+'/, `applicationVersion = '${applicationVersion}'`),
    );
  }
  return { program, remove: folder.remove };
}
