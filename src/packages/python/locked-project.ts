import path from 'node:path';
import type { RepositoryTree } from '../../environment/repository-tree.js';
import type { Project } from '../ecosystem.js';
import { folderOf, inFolder } from '../paths.js';
import { installPins, lockScript } from './locked-program.js';
import { hasOtherSources } from './lockfiles.js';
import { environment, inspectScript, offline, provide, wheelsFolder } from './pip-program.js';
import { listIndexes, mergeProject } from './pyproject.js';

/**
 * Opens a project of Poetry or uv.
 * @param root the folder with the lockfile
 * @returns null if the set-up of the base commit does not use the tool, or takes packages from other places
 *   than the registry
 */
export async function openLockedProject(
  base: RepositoryTree,
  tool: 'poetry' | 'uv',
  root: string,
): Promise<Project | null> {
  const lockfile = inFolder(root, `${tool}.lock`);
  const locked = await base.readFile(lockfile);
  if (locked === null || hasOtherSources(locked)) return null;
  const indexes = listIndexes((await base.readFile(inFolder(root, 'pyproject.toml'))) ?? '');
  const lock = (from: string, specs: readonly string[], dev: boolean) =>
    lockScript({ tool, root: path.posix.relative(from, root) || '.', specs: [...specs], dev, indexes }, root);
  return {
    manager: tool,
    root,
    lockfile,
    provide,
    add: (manifest, specs, dev) => lock(folderOf(manifest), specs, dev),
    install: lock(root, [], false),
    inspect: inspectScript,
    environment: {
      ...environment,
      VIRTUAL_ENV: '/home/agent/.local',
      // Poetry would otherwise ask the desktop for passwords.
      PYTHON_KEYRING_BACKEND: 'keyring.backends.null.Keyring',
      UV_PYTHON: '/home/agent/.local/bin/python',
      UV_PYTHON_DOWNLOADS: 'never',
      UV_NO_PROGRESS: '1',
    },
    offline: { ...offline, UV_OFFLINE: '1' },
    homeFolders: [wheelsFolder],
    prepare: installPins(root),
    mergeManifest: mergeProject,
    mergeLockfile: (_, written) => written,
  };
}
