import type { Execution, Sandbox } from '../sandbox/sandbox.js';
import type { Repository } from '../task/task.js';

/** What identifies a run's workspace on any machine: all of it is in the task. */
export interface WorkspaceSpec {
  runId: string;
  repository: Repository;
  /** Commit that everything is compared with, and that is set up. */
  baseCommit: string;
  /** Further commits of the repository that the work stands on. */
  commits: readonly string[];
  /** Shell commands that install dependencies, run once. */
  setup: string[];
  /** What the repository's settings ask for (chooseEgress). */
  egress: 'none' | readonly string[] | null;
  setupTimeoutMs: number;
}

/**
 * The workspace's content after a turn, as a git commit on top of the base. Another machine restores it from the
 * stored thin bundle (base..commit).
 */
export interface Checkpoint {
  commit: string;
  tree: string;
}

export interface SetupResult {
  ok: boolean;
  /** Whether it had a way to the registries at all. */
  network: boolean;
  /** Hosts that the repository asks for in its settings, and that the operator does not grant. */
  notGranted: string[];
  /** One per command that was run; the first failing one is the last. */
  executions: (Execution & { script: string })[];
}

/** One path that differs between the base and a checkpoint, read by the host from its own bare repository. */
export interface Change {
  path: string;
  /** Path on the base when renamed. */
  from?: string;
  status: 'added' | 'modified' | 'deleted' | 'renamed';
  /** git file modes, `000000` where absent. */
  oldMode: string;
  newMode: string;
  /** Blob id at the checkpoint; null when deleted or no blob. */
  blob: string | null;
  /** Blob id on the base; null when added. */
  oldBlob: string | null;
  /** Size of the checkpoint's blob in bytes; 0 when deleted. */
  size: number;
  /** Lines; null for binary files. */
  added: number | null;
  deleted: number | null;
}

/** What a checkpoint could not take in, and so no reviewer would see. */
export interface LeftOut {
  /** Folders that are repositories of their own. */
  nestedRepositories: string[];
  /** Paths that git refuses: look-alikes of `.git` and the like. */
  refusedPaths: string[];
  /** Files above GitHub's 100 MB. */
  tooLarge: string[];
}

/** A disposable copy of the set-up tree with a commit's content, where no hand of the agent has been. */
export interface ScratchCopy {
  sandbox: Sandbox;
  dispose(): Promise<void>;
}

/**
 * A run's private clone and its sandbox. Opening it on a machine that does not have it yet clones, sets up and
 * restores by itself.
 */
export interface Workspace {
  /** The agent's sandbox: `/workspace` is its tree, writable. */
  readonly sandbox: Sandbox;
  /** Host folder whose files appear read-only in the agent's sandbox under `/outputs`. */
  readonly outputsFolder: string;
  readonly setupResult: SetupResult;
  /** The checkpoint that the agent's tree is known to be at; null: it may be anything. */
  readonly at: string | null;
  /** To be called before anything writes to the agent's tree. */
  markDirty(): void;
  /** Records the tree as a commit; stores its bundle. The same content gives the same commit id. */
  checkpoint(): Promise<Checkpoint>;
  /** Makes the agent's tree that of `commit` (the base or a checkpoint); ignored files stay. */
  restore(commit: string): Promise<void>;
  /**
   * A fresh copy of the set-up tree at `commit`; with `overlay`, the named paths are then taken from another commit
   * (a path that is absent there is removed).
   */
  openScratchCopy(commit: string, overlay?: { commit: string; paths: string[] }): Promise<ScratchCopy>;
  /** What `commit` changes relative to the base, or to another commit. */
  changes(commit: string, since?: string): Promise<Change[]>;
  leftOut(commit: string): Promise<LeftOut>;
  /** A blob's bytes. */
  readBlob(blob: string): Promise<Buffer>;
  /** Lines that `commit` adds to a file, relative to the base or to another commit, with their numbers there. */
  addedLines(commit: string, file: string, since?: string): Promise<{ line: number; text: string }[]>;
  /**
   * Commits a checkpoint's tree on its parents with the bot's identity and pushes it to `branch` with a lease.
   * @returns the pushed commit id; the same input gives the same id.
   * @throws RunEnded when the remote refused (lease, workflow files, protection); RetryLater when it is away
   */
  push(input: PushInput): Promise<string>;
  /** Removes every folder and process of this run on this machine. */
  dispose(): Promise<void>;
}

export interface PushInput {
  checkpoint: string;
  parents: readonly string[];
  branch: string;
  message: string;
  author: { name: string; email: string };
  /** Author and committer date, ISO 8601: from the run's row, so that a repeated push is the same commit. */
  date: string;
  /** What the branch must point at now; null: it must not exist. */
  lease: string | null;
}

/** The bundles' store: rows in Postgres. */
export interface CheckpointStore {
  save(runId: string, commit: string, bundle: Buffer): Promise<void>;
  /** @returns null when this run has no such checkpoint. */
  load(runId: string, commit: string): Promise<Buffer | null>;
}

/** What git needs to reach a repository, for one command. */
export interface GitAccess {
  token: string;
  /** As it is named now: it may have been renamed since the task was written. */
  name: string;
}

/** Gives access that can only read (clone) or only write (push) the contents of one repository. */
export type GrantGitAccess = (repository: Repository, access: 'read' | 'write') => Promise<GitAccess>;
