import { execFile } from 'node:child_process';
import { access, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { explainMissingPip } from './python-index.js';
import { createTemporaryFolder } from './temporary-folder.js';

interface Poetry {
  program: string;
  /** Folders that a sandbox must show beside /usr. */
  toolPaths: string[];
}

/** Finds Poetry in /usr, which sandboxes show, or in the folder that the variable TEST_POETRY names. */
export async function findPoetry(): Promise<Poetry | { missing: string }> {
  const missing = await explainMissingPip();
  if (missing) return { missing };
  const folder = process.env.TEST_POETRY;
  const program = path.join(folder ?? '/usr', 'bin', 'poetry');
  return access(program).then(
    () => ({ program, toolPaths: folder ? [folder] : [] }),
    () => ({ missing: `there is no ${program}` }),
  );
}

/** Returns the poetry.lock of a project. */
export async function lockWithPoetry(
  poetry: Poetry | { missing: string },
  manifest: string,
): Promise<string> {
  if ('missing' in poetry) throw new Error(poetry.missing);
  const folder = await createTemporaryFolder();
  await writeFile(path.join(folder.path, 'pyproject.toml'), manifest);
  const PYTHON_KEYRING_BACKEND = 'keyring.backends.null.Keyring';
  const variables = { PYTHON_KEYRING_BACKEND, POETRY_VIRTUALENVS_CREATE: 'false' };
  const env = { PATH: '/usr/bin:/bin', HOME: folder.path, ...variables };
  await promisify(execFile)(poetry.program, ['lock', '--no-interaction'], { cwd: folder.path, env });
  const lockfile = await readFile(path.join(folder.path, 'poetry.lock'), 'utf8');
  await folder.remove();
  return lockfile;
}
