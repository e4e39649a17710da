import { spawnSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTemporaryFolder } from '../support/temporary-folder.js';

/** The result of a program. `output` is its stdout and stderr. */
export interface ProgramResult {
  exitCode: number | null;
  output: string;
}

/**
 * Writes files into a temporary git repository that has this project's packages, runs a program of
 * node_modules/.bin there, and removes the folder.
 * @param files contents by path
 */
export async function runOnFiles(
  files: Record<string, string>,
  program: string,
  args: string[],
): Promise<ProgramResult> {
  const folder = await createTemporaryFolder();
  try {
    spawnSync('git', ['init', '--quiet'], { cwd: folder.path });
    await symlink(path.resolve('node_modules'), path.join(folder.path, 'node_modules'));
    await writeFile(path.join(folder.path, '.gitignore'), 'node_modules\n');
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder.path, name)), { recursive: true });
      await writeFile(path.join(folder.path, name), text);
    }
    const { status, stdout, stderr } = spawnSync(path.resolve('node_modules/.bin', program), args, {
      cwd: folder.path,
      encoding: 'utf8',
    });
    return { exitCode: status, output: `${stdout}${stderr}` };
  } finally {
    await folder.remove();
  }
}
