/** The files of a repository at one commit. */
export interface RepositoryTree {
  files: ReadonlySet<string>;
  /** @returns null if there is no such file */
  readFile(file: string): Promise<string | null>;
}

export function hasFile({ files }: RepositoryTree, pattern: RegExp): boolean {
  for (const file of files) if (pattern.test(file)) return true;
  return false;
}
