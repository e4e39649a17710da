/** A repository at a commit, as far as finding its commands needs it. */
export interface RepositoryTree {
  files: ReadonlySet<string>;
  /** @returns null when there is no such file */
  readFile(file: string): Promise<string | null>;
}

export function hasFile({ files }: RepositoryTree, pattern: RegExp): boolean {
  for (const file of files) if (pattern.test(file)) return true;
  return false;
}
