import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTemporaryFolder } from '../temporary-folder.js';
import { runTool } from './find-tools.js';

/** Returns the lockfile that Poetry or uv writes for a pyproject.toml. */
export async function lockPython(tool: 'poetry' | 'uv', manifest: string): Promise<string> {
  const folder = await createTemporaryFolder();
  await writeFile(path.join(folder.path, 'pyproject.toml'), manifest);
  const env = {
    PYTHON_KEYRING_BACKEND: 'keyring.backends.null.Keyring',
    POETRY_VIRTUALENVS_CREATE: 'false',
    UV_PYTHON_DOWNLOADS: 'never',
  };
  const args = tool === 'poetry' ? ['lock', '--no-interaction'] : ['lock'];
  await runTool(tool, args, { cwd: folder.path, env });
  const lockfile = await readFile(path.join(folder.path, `${tool}.lock`), 'utf8');
  await folder.remove();
  return lockfile;
}
