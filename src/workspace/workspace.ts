import type { Execution, Sandbox } from '../sandbox/sandbox.js';
import type { Repository } from '../task/task.js';

/*
 * The entry point of the workspace module: the types that other modules use. Only composition/ imports
 * open-mirrors.ts and open-workspaces.ts, which create the objects. A workspace is a clone of a repository
 * for one run, with a sandbox.
 */

/** Everything that is needed to open a run's workspace on any machine. All of it comes from the task. */
export interface WorkspaceSpec {
  runId: string;
  repository: Repository;
  /** The commit that is checked out and set up, and that changes are compared with. */
  baseCommit: string;
  /** Further commits of the repository that have to be in the mirror. */
  commits: readonly string[];
  /** Shell commands that install dependencies. They run once per machine. */
  setup: string[];
  /** The hosts that the repository's settings request for the set-up; see chooseEgress. */
  egress: 'none' | readonly string[] | null;
  setupTimeoutMs: number;
}

/**
 * The content of a workspace as a git commit on top of the base. Its bundle (base..commit) is stored in
 * Postgres.
 */
export interface Checkpoint {
  commit: string;
  tree: string;
}

export interface SetupResult {
  ok: boolean;
  /** Whether the set-up had any network access. */
  network: boolean;
  /** Hosts that the repository's settings request and the operator does not grant. */
  notGranted: string[];
  /** One per command that ran. A command that fails is the last one. */
  executions: (Execution & { script: string })[];
}

/** A path that differs between two commits. */
export interface Change {
  path: string;
  /** The earlier path of a renamed file. */
  from?: string;
  status: 'added' | 'modified' | 'deleted' | 'renamed';
  /** Git file modes; `000000` where the file does not exist. */
  oldMode: string;
  newMode: string;
  /** The id of the new blob; null when the file is deleted or a submodule. */
  blob: string | null;
  /** The id of the old blob; null when the file is added or was a submodule. */
  oldBlob: string | null;
  /** The size of the new blob in bytes; 0 when there is none. */
  size: number;
  /** Numbers of lines; null for binary files. */
  added: number | null;
  deleted: number | null;
}

/** Files that a checkpoint could not include, so that no reviewer would see them. */
export interface OmittedPaths {
  /** Folders that are git repositories themselves. */
  nestedRepositories: string[];
  /** Paths that git refuses to add, such as look-alikes of `.git`. */
  refusedPaths: string[];
  /** Files that exceed GitHub's limit of 100 MB. */
  tooLarge: string[];
}

/** A disposable copy of the set-up tree with the content of a commit. The agent had no access to it. */
export interface ScratchCopy {
  sandbox: Sandbox;
  dispose(): Promise<void>;
}

export interface PushInput {
  /** The checkpoint whose tree is pushed. */
  checkpoint: string;
  parents: readonly string[];
  branch: string;
  message: string;
  author: { name: string; email: string };
  /**
   * The date of author and committer, ISO 8601. It comes from the run, so that a repeated push makes the same
   * commit.
   */
  date: string;
  /** The commit that the branch must point at now; null: the branch must not exist. */
  lease: string | null;
}

/** A run's private clone and its sandbox. */
export interface Workspace {
  /** The agent's sandbox, with its tree at `/workspace`, writable. */
  readonly sandbox: Sandbox;
  /** A folder of the host whose files the agent's sandbox sees, read-only, in `/outputs`. */
  readonly outputsFolder: string;
  readonly setupResult: SetupResult;
  /** The commit whose content the agent's tree is known to have; null when something may have changed it. */
  readonly treeCommit: string | null;
  /** MUST be called before anything writes to the agent's tree. */
  markDirty(): void;
  /** Commits the agent's tree and stores the bundle. The same content gives the same commit id. */
  checkpoint(): Promise<Checkpoint>;
  /** Resets the agent's tree to `commit`, which is the base or a checkpoint. Ignored files stay. */
  restore(commit: string): Promise<void>;
  /**
   * Opens a fresh copy of the set-up tree at `commit`. With `overlay`, the given paths are then taken from
   * another commit; a path that does not exist there is removed.
   */
  openScratchCopy(commit: string, overlay?: { commit: string; paths: string[] }): Promise<ScratchCopy>;
  /** The differences between `since` (the base when left out) and `commit`. */
  readChanges(commit: string, since?: string): Promise<Change[]>;
  readOmittedPaths(commit: string): Promise<OmittedPaths>;
  readBlob(blob: string): Promise<Buffer>;
  /** The lines that `commit` adds to a file compared with `since`, with their line numbers in `commit`. */
  readAddedLines(commit: string, file: string, since?: string): Promise<AddedLine[]>;
  /**
   * Commits a checkpoint's tree as the given author and pushes it. The same input makes the same commit.
   * @returns the id of the pushed commit
   * @throws RunEndedError when GitHub refuses the push or the lease is broken; RetryLater when GitHub is
   * unavailable
   */
  push(input: PushInput): Promise<string>;
  /** Ends the run's processes on this machine and removes its folders. */
  dispose(): Promise<void>;
}

export interface AddedLine {
  line: number;
  text: string;
}

/** The workspaces of this machine. */
export interface Workspaces {
  /** Opens the run's workspace. On a machine that does not have it yet, this clones, sets up and restores. */
  open(spec: WorkspaceSpec): Promise<Workspace>;
  /** Merges two commits of the repository and stores the merge as a checkpoint of the run. */
  merge(run: Pick<WorkspaceSpec, 'runId' | 'repository'>, ours: string, theirs: string): Promise<Merge>;
  /** Kills the commands of the run that are running on this machine. Later commands run as usual. */
  interrupt(runId: string): void;
  /** Removes everything that a run has on this machine. */
  discard(runId: string): Promise<void>;
  /** Removes everything on this machine that belongs to a run which is not in `liveRunIds`. */
  sweep(liveRunIds: readonly string[]): Promise<void>;
  /** What people have to know about where commands run; null when there is nothing to say. */
  warning: string | null;
}

export interface Merge {
  commit: string;
  /** Paths that both sides changed and that contain conflict markers; [] for a clean merge. */
  conflicts: string[];
}

/** Where bundles of checkpoints are stored, so that another machine can continue. */
export interface CheckpointStore {
  save(runId: string, commit: string, bundle: Buffer): Promise<void>;
  /** @returns null when the run has no such checkpoint */
  load(runId: string, commit: string): Promise<Buffer | null>;
}

/** A repository's branches on this machine: a bare repository that only the host writes. */
export interface Mirror {
  folder: string;
  /** Whether the repository has no branch. */
  isEmpty(): Promise<boolean>;
  /** @returns the branch's commit and its committer date (ISO 8601); null when there is no such branch */
  resolve(branch: string): Promise<{ commit: string; committedAt: string } | null>;
  /**
   * @param maxBytes cuts the text; 256 kB when left out
   * @returns null when the commit has no such file, or the file is larger than 16 MB
   */
  readFile(commit: string, file: string, maxBytes?: number): Promise<string | null>;
  /** The paths of all files. */
  listFiles(commit: string): Promise<string[]>;
  /** The newest ancestor of `commit`, or `commit` itself, whose message says that it closes the issue. */
  findClosingCommit(commit: string, issue: number): Promise<string | null>;
  /** @returns null when the two commits have no common ancestor */
  findMergeBase(one: string, other: string): Promise<string | null>;
}

/** The mirrors of this machine. */
export interface Mirrors {
  /**
   * Fetches the repository's branches.
   * @throws RetryLater when GitHub is unavailable; RunEndedError when it refuses
   */
  update(repository: Repository): Promise<Mirror>;
  /** The current mirror on this machine, without an update. */
  open(repository: Repository): Mirror;
  /**
   * Packs mirrors that have many files. Removes mirrors that were not used for long or cannot be packed and,
   * when all together are too large, the least recently used ones. The next run clones them again.
   * @param isInUse asked right before each removal, because a run's workspace depends on its mirror
   */
  tidy(limits: MirrorLimits, isInUse: (repositoryId: number) => Promise<boolean>): Promise<TidiedMirrors>;
}

export interface MirrorLimits {
  /** Mirrors that were not used since then are removed. */
  unusedSince: Date;
  /** The limit for all mirrors together. */
  maxBytes: number;
}

/** Ids of repositories. */
export interface TidiedMirrors {
  packed: number[];
  removed: number[];
}

/** Access to one repository for one git command. */
export interface GitAccess {
  token: string;
  /** The repository's current name. It may have been renamed since the task was written. */
  name: string;
}

/** Grants access that can only read or only write the contents of one repository. */
export type GrantGitAccess = (repository: Repository, access: 'read' | 'write') => Promise<GitAccess>;
