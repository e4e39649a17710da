import type { Environment } from '../environment/environment.js';
import type { Command, Execution, Sandbox } from '../sandbox/sandbox.js';
import type { Repository } from '../task/task.js';
import type { DatabaseServer } from './provision.js';
import type { AddedLine, Change, OmittedPaths } from './read-changes.js';

export type { GrantGitAccess, Mirror, MirrorLimits, Mirrors, TidiedMirrors } from './mirrors/mirrors.js';
export type { AddedLine, Change, OmittedPaths };

/*
 * Entry point of the workspace module, with the types that other modules use. A workspace is a clone of a
 * repository for one run, with a sandbox. The functions that create workspaces and mirrors are in
 * open-workspaces.ts and open-mirrors.ts, which only composition/ imports.
 */

/** Everything that a machine needs to open a run's workspace. All of it comes from the run's task. */
export interface WorkspaceSpec {
  runId: string;
  repository: Repository;
  /** The commit on which the set-up runs. The agent's changes are measured against it. */
  baseCommit: string;
  /** The branch that contains the base commit. The clone has a local branch of this name. */
  baseBranch: string;
  /** Other commits that the mirror must contain. */
  commits: readonly string[];
  /** What the repository's tests need. Each machine provides what it can. */
  environment: Environment;
  /** Shell commands that install dependencies. Each machine runs them once per run. */
  setup: string[];
  /**
   * Hosts that the repository's settings request for the set-up, in addition to the hosts that the operator
   * allows. If null, the settings request no host. `none` turns off all network access.
   */
  egress: 'none' | readonly string[] | null;
  setupTimeoutMs: number;
}

/**
 * The content of a workspace, as a git commit on top of the base. Postgres stores the commit as a bundle
 * (base..commit).
 */
export interface Checkpoint {
  commit: string;
  tree: string;
}

/** A file that a run of the tests wrote or deleted. */
export interface WrittenFile {
  path: string;
  /** Id of the blob that git would store; null if the file was deleted. */
  blob: string | null;
}

/** A file that a run of the tests wrote or deleted in the agent's tree. */
export interface TestWrite extends WrittenFile {
  /** Id of the blob before the run; null if there was no file. */
  before: string | null;
  /** Whether nothing had changed the file before the run. */
  wasClean: boolean;
}

export interface SetupResult {
  ok: boolean;
  /** Whether the set-up had any network access. */
  network: boolean;
  /** Hosts that the repository's settings request but the operator does not allow. */
  notGranted: string[];
  /** What this machine provided for the repository, such as a database, one sentence each. */
  provided: string[];
  /** What it could not provide, and what the operator can do, one sentence each. */
  missing: string[];
  /** One entry per command that ran. The commands after a failed one run too, if there is time for them. */
  executions: SetupExecution[];
}

/** A command of the set-up that ran. */
export interface SetupExecution extends Execution {
  script: string;
  /**
   * Set if the command failed, and another form of it succeeded, which comes next. `host`: a script of a
   * package could not reach a host, so the other form runs no scripts of packages. `version`: the registry
   * lacks a version that the lockfile names, so the other form ignores the lockfile. `package`: the registry
   * lacks a package that package.json names, so the other form leaves it out. `lockfile`: the lockfile
   * does not fit package.json, so the other form may change it.
   */
  replacedFor?: 'host' | 'version' | 'package' | 'lockfile';
  /** The packages whose scripts asked for refused hosts, by host, as far as the output shows them. */
  askers: Record<string, string>;
}

/**
 * A disposable copy of the working tree after setup, with the content of one commit. The agent has no access
 * to it.
 */
export interface ScratchCopy {
  sandbox: Sandbox;
  /** Checks out another commit. MUST NOT be called after code of the agent has run in the copy. */
  checkOut(commit: string): Promise<void>;
  /** See `listWritten` in list-written.ts. */
  listWritten(since: number, files: readonly string[]): Promise<WrittenFile[]>;
  dispose(): Promise<void>;
}

/**
 * A folder for a package manager. Commands see the files that were given, and a copy of the home folder that
 * the set-up left. They see nothing else of the repository, because they have network access.
 */
export interface Download {
  /** The same folder without network access. */
  readonly sandbox: Sandbox;
  /** The tree folder on this machine. Commands can change its content. */
  readonly folder: string;
  /** Runs a command that can reach the same hosts as the set-up. It MUST NOT run code of the agent. */
  run(command: Omit<Command, 'egress'>): Promise<Execution>;
  dispose(): Promise<void>;
}

/** The content and the commands of another set-up. */
export interface SetupContent {
  commit: string;
  /** Files that replace those of the commit while the commands run, by their paths. */
  files: ReadonlyMap<string, string>;
  /** The packages; null if nothing was downloaded. */
  download: Download | null;
  /** The folders of the download's home that contain the packages. */
  homeFolders: readonly string[];
  /** The set-up commands, which run without network access. */
  commands: readonly string[];
  environment: Record<string, string>;
}

/** A tree that was set up with the content of a change. */
export interface SetupCopy {
  /** The tree folder on this machine. */
  readonly folder: string;
  readonly result: SetupResult;
  dispose(): Promise<void>;
}

/** Files of a scratch copy that differ from its commit. */
export interface Overlay {
  /** The commit with the content of `paths`. A path that this commit does not contain is deleted. */
  commit: string;
  paths: string[];
  /** The content of further files, by their paths. */
  files?: ReadonlyMap<string, string>;
}

export interface PushInput {
  /** Id of the checkpoint with the content to push. */
  checkpoint: string;
  parents: readonly string[];
  branch: string;
  message: string;
  author: { name: string; email: string };
  /**
   * Date of author and committer, in ISO 8601. It depends only on the run, so that a repeated push makes the
   * same commit.
   */
  date: string;
  /**
   * The commit that the branch on GitHub points at before the push. If the branch points at another commit,
   * the push fails. If `lease` is null and the branch exists, the push fails. If the branch was deleted, the
   * push creates it again.
   */
  lease: string | null;
}

/** A clone of the repository for one run, with the agent's sandbox. */
export interface Workspace {
  /** The agent's sandbox, which can write to the agent's tree at `/workspace`. */
  readonly sandbox: Sandbox;
  /** A folder on the host, which the agent's sandbox mounts read-only at `/outputs`. */
  readonly outputsFolder: string;
  readonly setupResult: SetupResult;
  /** What the repository's tests need. */
  readonly environment: Environment;
  /** The servers of Postgres beside commands that need services. */
  readonly databases: readonly DatabaseServer[];
  /**
   * The commit whose content is exactly the content of the agent's tree. Null from a call of `markDirty`
   * until the next checkpoint or restore.
   */
  readonly treeCommit: string | null;
  /**
   * Paths that git ignores and that the last checkpoint contained for the first time. If git ignores
   * everything in a folder, the folder is in the list, with a slash at the end, and its files are not.
   */
  readonly newlyIgnored: readonly string[];
  /** Records that the agent's tree may change. MUST be called before anything writes to the tree. */
  markDirty(): void;
  /**
   * Does `work`, and finds out which files of the agent's tree it changed. Leaves out files that git ignores.
   * @param since a file is clean if it is as in this commit
   */
  recordWrites<T>(since: string, work: () => Promise<T>): Promise<{ result: T; written: TestWrite[] }>;
  /**
   * Commits the agent's tree and stores the commit as a bundle. The same content always gets the same commit
   * id.
   */
  checkpoint(): Promise<Checkpoint>;
  /** Resets the agent's tree to `commit`, which is the base or a checkpoint. Files that git ignores stay. */
  restore(commit: string): Promise<void>;
  /**
   * Makes a fresh copy of the tree that the set-up prepared, and checks out `commit` in the copy. Then
   * replaces the files of `overlay`.
   * @param from another set-up to copy; default: the set-up of the base commit
   */
  openScratchCopy(commit: string, overlay?: Overlay | null, from?: SetupCopy | null): Promise<ScratchCopy>;
  /**
   * Opens a folder that contains only the given files, by their paths.
   * @returns null if the set-up has no network access
   */
  openDownload(files: ReadonlyMap<string, string>): Promise<Download | null>;
  /** Copies folders of the download's home into the agent's home, and replaces what is there. */
  takeDownload(download: Download, homeFolders: readonly string[]): Promise<void>;
  /** Sets up the project once more, with other content. Starts from a copy of the base's set-up. */
  setUpAgain(content: SetupContent): Promise<SetupCopy>;
  /**
   * Makes a checkpoint like `commit`, in which each of these paths is as in `since`. The same input always
   * gets the same commit id.
   * @returns the new commit
   */
  leaveOut(commit: string, paths: readonly string[], since: string): Promise<string>;
  /** Lists the paths of all files in a commit. */
  listFiles(commit: string): Promise<string[]>;
  /** @returns null if the commit has no such file, or if the file is larger than 16 MB */
  readFile(commit: string, file: string): Promise<string | null>;
  /** Returns the paths of the text files in a commit that contain a word. */
  findWord(commit: string, word: string): Promise<string[]>;
  /** Returns the differences between `since` and `commit`. The default for `since` is the base commit. */
  readChanges(commit: string, since?: string): Promise<Change[]>;
  readOmittedPaths(commit: string): Promise<OmittedPaths>;
  readBlob(blob: string): Promise<Buffer>;
  /**
   * Returns the lines that a file has in `commit` but not in `since`, with their line numbers in `commit`.
   */
  readAddedLines(commit: string, file: string, since?: string): Promise<AddedLine[]>;
  /**
   * Commits a checkpoint's tree as the given author and pushes the commit. The method is idempotent, because
   * the same input always produces the same commit.
   * @returns the id of the pushed commit
   * @throws RunEndedError if GitHub refuses the push, or if the branch exists but does not point at
   * `input.lease`
   * @throws RetryLater if GitHub is unavailable
   */
  push(input: PushInput): Promise<string>;
  /** Ends the run's processes on this machine and deletes the run's folders. */
  dispose(): Promise<void>;
}

/** All workspaces on this machine. */
export interface Workspaces {
  /**
   * Opens the run's workspace, or returns it if it is already open. If this machine has not done the run's
   * set-up yet, clones the repository and runs the set-up commands.
   */
  open(spec: WorkspaceSpec): Promise<Workspace>;
  /** Merges two commits of the repository. Stores the merge as a checkpoint of the run. */
  merge(run: Pick<WorkspaceSpec, 'runId' | 'repository'>, ours: string, theirs: string): Promise<Merge>;
  /** Kills the run's current commands on this machine. Commands that start later run as usual. */
  interrupt(runId: string): void;
  /** Deletes all files and sandboxes of a run on this machine. */
  discard(runId: string): Promise<void>;
  /** Deletes the folders of all runs that are not in `liveRunIds`, except those of open workspaces. */
  sweep(liveRunIds: readonly string[]): Promise<void>;
  /** A human-readable warning if commands run without full isolation; otherwise null. */
  warning: string | null;
}

export interface Merge {
  commit: string;
  /** Paths that contain conflict markers, because both sides changed them; [] if there is no conflict. */
  conflicts: string[];
}

/** Stores the bundles of checkpoints, so that another machine can continue a run. */
export interface CheckpointStore {
  save(runId: string, commit: string, bundle: Buffer): Promise<void>;
  /** @returns null if the run has no checkpoint with this id */
  load(runId: string, commit: string): Promise<Buffer | null>;
}
