import { existsSync } from 'node:fs';
import path from 'node:path';
import { hostGit } from './host-git.js';

/** A run's bare repository on the host. It uses the mirror's objects without copying them. */
export interface GitStore {
  gitDir: string;
  /** Object folders of other repositories, which git searches in addition to the objects in `gitDir`. */
  alternates: string[];
}

/** Opens the store in `gitDir`. Creates the store if it does not exist. */
export async function openGitStore(gitDir: string, mirrorFolder: string): Promise<GitStore> {
  if (!existsSync(path.join(gitDir, 'HEAD')))
    await hostGit({ gitDir }).raw('init', '--quiet', '--bare', gitDir);
  return { gitDir, alternates: [path.join(mirrorFolder, 'objects')] };
}

export async function hasCommit(
  { gitDir, alternates }: { gitDir: string; alternates?: string[] },
  commit: string,
): Promise<boolean> {
  const git = hostGit({ gitDir, ...(alternates && { alternates }), input: `${commit}\n` });
  return !(await git.raw('cat-file', '--batch-check')).trim().endsWith('missing');
}
