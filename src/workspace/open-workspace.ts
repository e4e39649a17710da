import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import type { Environment } from '../environment/environment.js';
import { type Egress, makeSandboxFolder, removeFolder, type Sandboxes } from '../sandbox/sandbox.js';
import type { Repository } from '../task/task.js';
import { openAgentTree } from './agent-tree.js';
import { importBundle } from './bundle.js';
import { findWord, type GitStore, hasCommit, listFiles, openGitStore, readFile } from './git-store.js';
import { createLeaveOut } from './leave-out.js';
import { listWritten } from './list-written.js';
import type { Provision } from './provision.js';
import { pushCheckpoint } from './push-checkpoint.js';
import { readAddedLines, readBlob, readChanges, readOmittedPaths } from './read-changes.js';
import { runScript } from './run-script.js';
import { createOpenDownload, takeDownload } from './set-up/open-download.js';
import { addSubmodules, type FindSibling } from './set-up/open-submodules.js';
import { setUp } from './set-up/set-up.js';
import { createSetUpAgain } from './set-up/set-up-again.js';
import { startServices } from './set-up/start-services.js';
import { beginSnapshotsScript, checkOutScript, writeFileScript } from './snapshot-scripts.js';
import {
  createTreeSandboxes,
  makePassableFolder,
  type RunFolders,
  runFolders,
  type TreeSandboxes,
} from './tree-sandboxes.js';
import type {
  Change,
  CheckpointStore,
  GrantGitAccess,
  Mirrors,
  ScratchCopy,
  Workspace,
  WorkspaceSpec,
} from './workspace.js';

export interface WorkspaceOptions {
  /** Folder that contains one subfolder per run. */
  folder: string;
  webUrl: string;
  sandboxes: Sandboxes;
  mirrors: Mirrors;
  checkpoints: CheckpointStore;
  grantGitAccess: GrantGitAccess;
  findSibling: FindSibling;
  /** Returns the hosts that a repository's set-up can reach from this machine. */
  egressOf: (repository: Repository, requested: WorkspaceSpec['egress']) => Egress;
  /** Provides what a repository needs, as far as this machine can. */
  provide: (environment: Environment, egress: Egress) => Promise<Provision>;
}

export async function openWorkspace(
  options: WorkspaceOptions,
  spec: WorkspaceSpec,
  onDisposed: () => void,
): Promise<Workspace> {
  const { sandboxes, checkpoints } = options;
  const folders = runFolders(path.join(options.folder, spec.runId));
  const mirrorFolder = options.mirrors.open(spec.repository).folder;
  for (const folder of [options.folder, folders.root]) await makePassableFolder(folder, sandboxes.uid);
  await mkdir(folders.outputs, { recursive: true });
  const store = await openGitStore(folders.store, mirrorFolder);
  await updateMirror(options.mirrors, mirrorFolder, spec);

  const egress = options.egressOf(spec.repository, spec.egress);
  const provided = await options.provide(spec.environment, egress);
  const linked = await addSubmodules(options, spec, mirrorFolder, provided);
  const provision = await startServices(sandboxes, folders, linked.provision);
  const trees = createTreeSandboxes(sandboxes, mirrorFolder, folders, provision);
  const setupResult = await setUp(trees, folders, { ...spec, ...linked }, options.webUrl, egress, provision);
  await prepareAgentFolders(trees, folders);
  const sandbox = trees.openTree(folders.agent, [{ from: folders.outputs, to: '/outputs', writable: false }]);
  const snapshots = trees.openSnapshots(folders);
  const { stdout: ignored } = await runScript(snapshots, beginSnapshotsScript, [spec.baseCommit]);
  const ensureStored = createEnsureStored(store, spec, checkpoints);
  const run = { ...spec, store, checkpoints, ensureStored };
  const tree = openAgentTree(snapshots, folders.snapshot, ignored, run);

  return {
    sandbox,
    outputsFolder: folders.outputs,
    setupResult,
    environment: spec.environment,
    databases: provision.services?.databases ?? [],
    get treeCommit() {
      return tree.treeCommit;
    },
    get newlyIgnored() {
      return tree.newlyIgnored;
    },
    markDirty: tree.markDirty,
    recordWrites: tree.recordWrites,
    checkpoint: tree.checkpoint,
    restore: tree.restore,
    openScratchCopy: createOpenScratchCopy(trees, folders, ensureStored),
    openDownload: createOpenDownload(trees, folders, egress),
    takeDownload: (download, homeFolders) => takeDownload(trees, download, folders.agent, homeFolders),
    setUpAgain: createSetUpAgain(trees, folders, spec, options.webUrl, ensureStored),
    leaveOut: createLeaveOut(store, checkpoints, spec, ensureStored),
    ...createChangeReader(store, spec.baseCommit, ensureStored),
    push: createPush(options, spec, store, ensureStored),
    dispose: async () => {
      await sandbox.dispose();
      await snapshots.dispose();
      await removeFolder(folders.root);
      onDisposed();
    },
  };
}

function createPush(
  { webUrl, grantGitAccess }: WorkspaceOptions,
  { repository }: WorkspaceSpec,
  store: GitStore,
  ensureStored: EnsureStored,
): Workspace['push'] {
  return async (input) => {
    await ensureStored(input.checkpoint);
    const { token, name } = await grantGitAccess(repository, 'write');
    return pushCheckpoint(store, { url: `${webUrl}/${repository.owner}/${name}.git`, webUrl, token }, input);
  };
}

/** Updates the mirror only if it lacks a commit that the run needs. */
async function updateMirror(mirrors: Mirrors, mirrorFolder: string, spec: WorkspaceSpec): Promise<void> {
  if (existsSync(mirrorFolder)) {
    const commits = [spec.baseCommit, ...spec.commits];
    const present = await Promise.all(commits.map((commit) => hasCommit({ gitDir: mirrorFolder }, commit)));
    if (present.every(Boolean)) return;
  }
  await mirrors.update(spec.repository);
}

/**
 * Makes a new copy of the set-up tree for the agent. If an earlier process was killed, the agent's old copy
 * can be in any state. Only the data of services stay, because no checkpoint contains them, and servers can
 * recover them.
 */
async function prepareAgentFolders(trees: TreeSandboxes, folders: RunFolders): Promise<void> {
  const { agent, snapshot, scratch, downloads, changed, keptServices } = folders;
  const services = path.join(agent, 'services');
  // If the data are kept already, an earlier process was killed before it put them back.
  if (existsSync(services) && !existsSync(keptServices)) await rename(services, keptServices);
  for (const folder of [agent, snapshot, scratch, downloads, changed]) await removeFolder(folder);
  await makeSandboxFolder(snapshot, trees.uid);
  await trees.copyTree(folders.setUp, agent);
  if (!existsSync(keptServices)) return;
  await removeFolder(services);
  await rename(keptServices, services);
}

type EnsureStored = (commit: string) => Promise<void>;

/**
 * Creates a function that makes sure that the store contains a commit. If another machine made the commit,
 * the function imports it from the database.
 */
function createEnsureStored(
  store: GitStore,
  { runId, baseCommit }: WorkspaceSpec,
  checkpoints: CheckpointStore,
): EnsureStored {
  // The store never loses an object, so each commit needs only one check.
  const stored = new Set([baseCommit]);
  return async (commit) => {
    if (stored.has(commit)) return;
    if (!(await hasCommit(store, commit))) {
      const bundle = await checkpoints.load(runId, commit);
      if (!bundle) throw new Error(`checkpoint ${commit} of run ${runId} is not in the database`);
      await importBundle(store, bundle);
    }
    stored.add(commit);
  };
}

function createOpenScratchCopy(
  trees: TreeSandboxes,
  folders: RunFolders,
  ensureStored: EnsureStored,
): Workspace['openScratchCopy'] {
  let count = 0;
  return async (commit, overlay, from): Promise<ScratchCopy> => {
    await ensureStored(commit);
    if (overlay) await ensureStored(overlay.commit);
    count += 1;
    const folder = path.join(folders.scratch, String(count));
    const sandbox = await trees.openCopy(from?.folder ?? folders.setUp, folder);
    await runScript(sandbox.own, checkOutScript, [
      commit,
      ...(overlay ? [overlay.commit, ...overlay.paths] : []),
    ]);
    for (const [file, content] of overlay?.files ?? [])
      await runScript(sandbox.own, writeFileScript, [file], content);
    return {
      sandbox,
      checkOut: async (other) => {
        await ensureStored(other);
        await runScript(sandbox.own, checkOutScript, [other]);
      },
      listWritten: (since, files) => listWritten(sandbox.own, since, files),
      dispose: async () => {
        await sandbox.dispose();
        await removeFolder(folder);
      },
    };
  };
}

type ChangeReader = Pick<
  Workspace,
  'readChanges' | 'readOmittedPaths' | 'readBlob' | 'readAddedLines' | 'listFiles' | 'readFile' | 'findWord'
>;

function createChangeReader(store: GitStore, baseCommit: string, ensureStored: EnsureStored): ChangeReader {
  // Commits never change, so the differences between two commits can be cached.
  const known = new Map<string, Change[]>();
  return {
    readChanges: async (commit, since = baseCommit) => {
      await ensureStored(commit);
      await ensureStored(since);
      const key = `${since} ${commit}`;
      const changes = known.get(key) ?? (await readChanges(store, since, commit));
      known.set(key, changes);
      return changes;
    },
    readOmittedPaths: async (commit) => {
      await ensureStored(commit);
      return readOmittedPaths(store, commit);
    },
    listFiles: async (commit) => {
      await ensureStored(commit);
      return listFiles(store, commit);
    },
    readFile: async (commit, file) => {
      await ensureStored(commit);
      return readFile(store, commit, file);
    },
    findWord: async (commit, word) => {
      await ensureStored(commit);
      return findWord(store, commit, word);
    },
    readBlob: (blob) => readBlob(store, blob),
    readAddedLines: (commit, file, since = baseCommit) => readAddedLines(store, since, commit, file),
  };
}
