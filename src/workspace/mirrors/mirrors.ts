import type { Repository } from '../../task/task.js';

/**
 * A bare repository on this machine that mirrors all branches and tags of a GitHub repository. Only the host
 * can write to it.
 */
export interface Mirror {
  folder: string;
  /** Returns whether the repository has no branch. */
  isEmpty(): Promise<boolean>;
  /** @returns the branch's commit and its committer date (ISO 8601); null if the branch does not exist */
  resolve(branch: string): Promise<{ commit: string; committedAt: string } | null>;
  /**
   * Reads a file as text.
   * @param maxBytes the text is cut at this length; the default is 256 kB
   * @returns null if the commit has no such file, or if the file is larger than 16 MB
   */
  readFile(commit: string, file: string, maxBytes?: number): Promise<string | null>;
  /**
   * Lists the paths of all files in a commit.
   * @param only paths of files or folders; the list then contains only these files, and files in these
   * folders
   */
  listFiles(commit: string, only?: readonly string[]): Promise<string[]>;
  /**
   * Finds the newest commit whose message closes the issue, among `commit` and its ancestors.
   * @returns the id of that commit; null if there is none
   */
  findClosingCommit(commit: string, issue: number): Promise<string | null>;
  /** @returns the newest common ancestor; null if the two commits have none */
  findMergeBase(one: string, other: string): Promise<string | null>;
  /**
   * Returns whether the commits from one to another only merge the base branch, as GitHub's button "Update
   * branch" does. Such commits contain nothing that a person wrote, not even how a conflict was resolved.
   * @param base a commit of the base branch
   */
  isOnlyMerged(from: string, to: string, base: string): Promise<boolean>;
}

/** All mirrors on this machine. */
export interface Mirrors {
  /**
   * Fetches the repository's branches from GitHub.
   * @throws RetryLater if GitHub is unavailable
   * @throws RunEndedError if GitHub refuses
   */
  update(repository: Repository): Promise<Mirror>;
  /** Returns this machine's mirror as it is, without an update from GitHub. */
  open(repository: Repository): Mirror;
  /**
   * Packs mirrors that have many files. Removes a mirror if it cannot be packed or was not used for a long
   * time. If all mirrors together are too large, removes the least recently used ones. The next run fetches a
   * removed mirror again.
   * @param isInUse returns whether a run needs the repository's mirror. Such a mirror is neither packed nor
   * removed. The function is called right before each packing or removal.
   */
  tidy(limits: MirrorLimits, isInUse: (repositoryId: number) => Promise<boolean>): Promise<TidiedMirrors>;
}

export interface MirrorLimits {
  /** Mirrors that no run has used since this time are removed. */
  unusedSince: Date;
  /** Maximum size of all mirrors together, in bytes. */
  maxBytes: number;
}

/** Ids of repositories whose mirrors were packed or removed. */
export interface TidiedMirrors {
  packed: number[];
  removed: number[];
}

/** Access to one repository for one git command. */
export interface GitAccess {
  token: string;
  /** The repository's current name. Someone may have renamed it since the task was written. */
  name: string;
}

/** Grants access to the contents of one repository and to nothing else. */
export type GrantGitAccess = (repository: Repository, access: 'read' | 'write') => Promise<GitAccess>;
