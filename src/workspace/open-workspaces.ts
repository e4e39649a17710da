import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  type AbortableSandboxes,
  type Egress,
  type Mount,
  makeAbortable,
  makeSandboxFolder,
  removeFolder,
  type Sandboxes,
} from '../sandbox/sandbox.js';
import type { Repository } from '../task/task.js';
import { importBundle, readBundle } from './bundle.js';
import { hostGit } from './host-git.js';
import { type Merge, mergeBranches } from './merge-branches.js';
import type { Mirrors } from './mirror.js';
import { pushCheckpoint } from './push-checkpoint.js';
import { readAddedLines, readBlob, readChanges, readLeftOut, type Store } from './read-changes.js';
import { runGit } from './run-git.js';
import { copyTree, setUp } from './set-up.js';
import { beginSnapshotsScript, checkOutScript, checkpointScript, restoreScript } from './snapshot-scripts.js';
import type { Change, CheckpointStore, GrantGitAccess, Workspace, WorkspaceSpec } from './workspace.js';

interface Options {
  /** Where the runs' folders are. */
  folder: string;
  webUrl: string;
  sandboxes: Sandboxes;
  mirrors: Mirrors;
  checkpoints: CheckpointStore;
  grantGitAccess: GrantGitAccess;
  /** The hosts that a repository's set-up may reach from this machine. */
  egressOf: (repository: Repository, asked: WorkspaceSpec['egress']) => Egress;
}

export interface Workspaces {
  /** The run's workspace on this machine, made when it is not there. */
  open(spec: WorkspaceSpec): Promise<Workspace>;
  /**
   * Puts two commits of the repository together for a run, whose checkpoint the merge then is.
   */
  merge(run: { runId: string; repository: Repository }, ours: string, theirs: string): Promise<Merge>;
  /** Kills the run's commands that are running on this machine; those that come later run. */
  interrupt(runId: string): void;
  /** Removes what a run has on this machine; nothing, when it has nothing here. */
  discard(runId: string): Promise<void>;
  /** Removes what runs that are not in `live` left behind. */
  sweep(live: readonly string[]): Promise<void>;
  /** What people have to be told of where commands run; null: nothing. */
  warning: string | null;
}

export function openWorkspaces(options: Options): Workspaces {
  const opened = new Map<string, Promise<Workspace>>();
  const abortables = new Map<string, AbortableSandboxes>();
  return {
    warning: options.sandboxes.warning,
    open: (spec) => {
      const known = opened.get(spec.runId);
      if (known) return known;
      const abortable = makeAbortable(options.sandboxes);
      abortables.set(spec.runId, abortable);
      const { sandboxes } = abortable;
      const opening = openWorkspace({ ...options, sandboxes }, spec, () => opened.delete(spec.runId));
      opened.set(spec.runId, opening);
      opening.catch(() => opened.delete(spec.runId));
      return opening;
    },
    merge: async ({ runId, repository }, ours, theirs) => {
      const root = path.join(options.folder, runId);
      await mkdir(root, { recursive: true, mode: 0o750 });
      const store = await openStore(root, options.mirrors.open(repository).folder);
      const merge = await mergeBranches(store, ours, theirs);
      const file = path.join(root, 'merge.bundle');
      await hostGit(store).raw('update-ref', 'refs/heads/merge', merge.commit);
      await hostGit(store).raw(
        'bundle',
        'create',
        '--quiet',
        file,
        'refs/heads/merge',
        `^${ours}`,
        `^${theirs}`,
      );
      await options.checkpoints.save(runId, merge.commit, await readFile(file));
      await rm(file);
      return merge;
    },
    interrupt: (runId) => abortables.get(runId)?.abort(),
    discard: async (runId) => {
      abortables.delete(runId);
      const workspace = await opened.get(runId)?.catch(() => null);
      await workspace?.dispose();
      await removeFolder(path.join(options.folder, runId));
    },
    sweep: async (live) => {
      await mkdir(options.folder, { recursive: true });
      // One that was opened meanwhile is of a run that is younger than the list.
      for (const name of await readdir(options.folder))
        if (!live.includes(name) && !opened.has(name)) await removeFolder(path.join(options.folder, name));
    },
  };
}

async function openWorkspace(options: Options, spec: WorkspaceSpec, closed: () => void): Promise<Workspace> {
  const { sandboxes, mirrors } = options;
  const root = path.join(options.folder, spec.runId);
  const mirror = mirrors.open(spec.repository);
  const storeFolder = storeOf(root);
  const outputsFolder = path.join(root, 'outputs');
  const snapshotFolder = path.join(root, 'snapshot');
  const agentFolder = path.join(root, 'agent');
  const pristineFolder = path.join(root, 'pristine');

  const readable: Mount[] = [
    { from: mirror.folder, to: '/mirror', writable: false },
    { from: storeFolder, to: '/store', writable: false },
  ];
  const withTree = (folder: string, more: Mount[] = []) =>
    sandboxes.open([
      ...readable,
      { from: path.join(folder, 'tree'), to: '/workspace', writable: true },
      { from: path.join(folder, 'home'), to: '/home/agent', writable: true },
      ...more,
    ]);

  await mkdir(root, { recursive: true, mode: 0o750 });
  for (const folder of [options.folder, root]) {
    await chmod(folder, 0o750);
    if (sandboxes.uid !== null) await chown(folder, process.getuid?.() ?? 0, sandboxes.uid);
  }
  await mkdir(outputsFolder, { recursive: true });
  const store = await openStore(root, mirror.folder);
  if (!existsSync(mirror.folder) || (await isAnyMissing(mirror.folder, [spec.baseCommit, ...spec.commits])))
    await mirrors.update(spec.repository);

  const egress = options.egressOf(spec.repository, spec.egress);
  const setupResult = await setUp(withTree, sandboxes.uid, root, pristineFolder, spec, egress);
  // The agent's copy is made anew for each process: what a killed one left half done is not trusted.
  for (const folder of [agentFolder, snapshotFolder, path.join(root, 'checks')]) await removeFolder(folder);
  await makeSandboxFolder(snapshotFolder, sandboxes.uid);
  await copyTree(sandboxes, pristineFolder, agentFolder);

  const agent = withTree(agentFolder, [{ from: outputsFolder, to: '/outputs', writable: false }]);
  // Its own sandbox: the agent's home, and what is in it, is not there.
  const snapshots = sandboxes.open([
    ...readable,
    { from: path.join(agentFolder, 'tree'), to: '/workspace', writable: true },
    { from: snapshotFolder, to: '/snapshot', writable: true },
  ]);
  await runGit(snapshots, beginSnapshotsScript, [spec.baseCommit]);

  let at: string | null = spec.baseCommit;
  let checkNumber = 0;

  /** Nothing takes an object out of the store again. */
  const stored = new Set([spec.baseCommit]);
  const ensureStored = async (commit: string) => {
    if (stored.has(commit)) return;
    if (await missing(storeFolder, commit, store.alternates)) {
      const bundle = await options.checkpoints.load(spec.runId, commit);
      if (!bundle) throw new Error(`checkpoint ${commit} of run ${spec.runId} is not in the database`);
      await importBundle(store, bundle);
    }
    stored.add(commit);
  };
  /** Two commits differ in the same way whenever they are asked for. */
  const compared = new Map<string, Change[]>();

  return {
    sandbox: agent,
    outputsFolder,
    setupResult,
    get at() {
      return at;
    },
    markDirty: () => {
      at = null;
    },
    checkpoint: async () => {
      const { stdout } = await runGit(snapshots, checkpointScript, [spec.baseCommit]);
      const [commit = '', tree = ''] = stdout.trim().split(' ');
      const bundle = await readBundle(path.join(snapshotFolder, 'bundle'));
      await importBundle(store, bundle);
      await options.checkpoints.save(spec.runId, commit, bundle);
      at = commit;
      return { commit, tree };
    },
    restore: async (commit) => {
      await ensureStored(commit);
      await runGit(snapshots, restoreScript, [commit]);
      at = commit;
    },
    openScratchCopy: async (commit, overlay) => {
      await ensureStored(commit);
      if (overlay) await ensureStored(overlay.commit);
      checkNumber += 1;
      const folder = path.join(root, 'checks', String(checkNumber));
      await copyTree(sandboxes, pristineFolder, folder);
      const sandbox = withTree(folder);
      await runGit(sandbox, checkOutScript, [commit, ...(overlay ? [overlay.commit, ...overlay.paths] : [])]);
      return {
        sandbox,
        dispose: async () => {
          await sandbox.dispose();
          await removeFolder(folder);
        },
      };
    },
    changes: async (commit, since = spec.baseCommit) => {
      await ensureStored(commit);
      await ensureStored(since);
      const key = `${since} ${commit}`;
      const changes = compared.get(key) ?? (await readChanges(store, since, commit));
      compared.set(key, changes);
      return changes;
    },
    leftOut: async (commit) => {
      await ensureStored(commit);
      return readLeftOut(store, commit);
    },
    addedLines: (commit, file, since = spec.baseCommit) => readAddedLines(store, since, commit, file),
    readBlob: (blob) => readBlob(store, blob),
    push: async (input) => {
      await ensureStored(input.checkpoint);
      const { token, name } = await options.grantGitAccess(spec.repository, 'write');
      const url = `${options.webUrl}/${spec.repository.owner}/${name}.git`;
      return pushCheckpoint(store, { url, webUrl: options.webUrl, token }, input);
    },
    dispose: async () => {
      await agent.dispose();
      await snapshots.dispose();
      await removeFolder(root);
      closed();
    },
  };
}

function storeOf(root: string): string {
  return path.join(root, 'store.git');
}

/** The run's own bare repository, on top of the mirror's objects. */
async function openStore(root: string, mirrorFolder: string): Promise<Store> {
  const gitDir = storeOf(root);
  if (!existsSync(path.join(gitDir, 'HEAD')))
    await hostGit({ gitDir }).raw('init', '--quiet', '--bare', gitDir);
  return { gitDir, alternates: [path.join(mirrorFolder, 'objects')] };
}

async function isAnyMissing(gitDir: string, commits: readonly string[]): Promise<boolean> {
  for (const commit of commits) if (await missing(gitDir, commit)) return true;
  return false;
}

async function missing(gitDir: string, commit: string, alternates: string[] = []): Promise<boolean> {
  const answer = await hostGit({ gitDir, alternates, input: `${commit}\n` }).raw('cat-file', '--batch-check');
  return answer.trim().endsWith('missing');
}
