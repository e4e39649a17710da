import { existsSync } from 'node:fs';
import path from 'node:path';
import { InputError } from './task.js';

/**
 * Finds the git directory of `owner/name` in a folder of repositories, which can be bare or have work trees.
 * @throws InputError that lists the places where it can be
 */
export function findMirror(folder: string, repo: string): string {
  const [owner = '', name = ''] = repo.split('/');
  const places = [`${owner}/${name}`, `${owner}__${name}`, name].flatMap((place) => [`${place}.git`, place]);
  for (const place of places) {
    const found = findGitDir(path.resolve(folder, place));
    if (found) return found;
  }
  throw new InputError(`${folder}: expected a repository ${repo} as ${places.join(', ')}; found none`);
}

/** @returns null if the folder is no repository */
export function findGitDir(folder: string): string | null {
  const gitDirs = [path.resolve(folder, '.git'), path.resolve(folder)];
  return gitDirs.find((one) => existsSync(path.join(one, 'objects'))) ?? null;
}
