import { existsSync } from 'node:fs';
import path from 'node:path';
import { hostGit } from './host-git.js';

/** A run's bare repository on the host. It borrows the objects of the mirror. */
export interface GitStore {
  gitDir: string;
  /** The object folders of other repositories that this one borrows from. */
  alternates: string[];
}

/** Opens the store in `gitDir`, and creates it when it does not exist. */
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
