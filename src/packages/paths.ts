import path from 'node:path';

/** Returns the folder of a file; '' for the root of the repository. */
export function folderOf(file: string): string {
  const folder = path.posix.dirname(file);
  return folder === '.' ? '' : folder;
}

export function inFolder(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** Lists a folder and the folders that contain it, from the inside to the root. */
export function foldersAbove(folder: string): string[] {
  return folder === '' ? [''] : [folder, ...foldersAbove(folderOf(folder))];
}
