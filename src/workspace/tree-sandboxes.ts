import { chmod, chown, mkdir } from 'node:fs/promises';
import path from 'node:path';
import {
  type Mount,
  makeSandboxFolder,
  removeFolder,
  type Sandbox,
  type Sandboxes,
} from '../sandbox/sandbox.js';
import { runScript } from './run-script.js';

/**
 * Folders of one run on this machine. A tree folder contains `tree`, which sandboxes see as `/workspace`, and
 * `home`, which they see as `/home/agent`.
 */
export interface RunFolders {
  root: string;
  /** The run's bare repository. */
  store: string;
  /** A tree folder: the tree after the set-up. Nothing runs in it after that. */
  setUp: string;
  /** A tree folder: the agent's. */
  agent: string;
  /** Contains a tree folder for each scratch copy. */
  scratch: string;
  /** Contains the repository with which git takes snapshots of the agent's tree. */
  snapshot: string;
  /** Full outputs of commands. */
  outputs: string;
}

export function runFolders(root: string): RunFolders {
  return {
    root,
    store: path.join(root, 'store.git'),
    setUp: path.join(root, 'set-up'),
    agent: path.join(root, 'agent'),
    scratch: path.join(root, 'scratch'),
    snapshot: path.join(root, 'snapshot'),
    outputs: path.join(root, 'outputs'),
  };
}

/** Creates a folder that the sandboxes' user may enter and that is closed to other users. */
export async function makePassableFolder(folder: string, uid: number | null): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o750 });
  await chmod(folder, 0o750);
  if (uid !== null) await chown(folder, process.getuid?.() ?? 0, uid);
}

/** Sandboxes of one run. Each of them sees the mirror and the run's store, so that git finds all objects. */
export interface TreeSandboxes {
  uid: number | null;
  /** Opens a sandbox in which a tree folder is writable. */
  openTree(folder: string, extraMounts?: Mount[]): Sandbox;
  /** Opens a sandbox for git snapshots of the agent's tree. The agent's home is not visible in it. */
  openSnapshots(folders: RunFolders): Sandbox;
  /** Replaces `to` with a copy of a tree folder. */
  copyTree(from: string, to: string): Promise<void>;
}

export function createTreeSandboxes(
  sandboxes: Sandboxes,
  mirrorFolder: string,
  folders: RunFolders,
): TreeSandboxes {
  const { uid } = sandboxes;
  const repositories: Mount[] = [
    { from: mirrorFolder, to: '/mirror', writable: false },
    { from: folders.store, to: '/store', writable: false },
  ];
  const treeMounts = (folder: string): Mount[] => [
    { from: path.join(folder, 'tree'), to: '/workspace', writable: true },
    { from: path.join(folder, 'home'), to: '/home/agent', writable: true },
  ];
  return {
    uid,
    openTree: (folder, extraMounts = []) =>
      sandboxes.open([...repositories, ...treeMounts(folder), ...extraMounts]),
    openSnapshots: ({ agent, snapshot }) =>
      sandboxes.open([
        ...repositories,
        { from: path.join(agent, 'tree'), to: '/workspace', writable: true },
        { from: snapshot, to: '/snapshot', writable: true },
      ]),
    copyTree: async (from, to) => {
      await makeTreeFolder(to, uid);
      const copying = sandboxes.open([{ from, to: '/from', writable: false }, ...treeMounts(to)]);
      await runScript(copying, copyScript, []);
    },
  };
}

/** Creates an empty tree folder in place of `folder`. */
export async function makeTreeFolder(folder: string, uid: number | null): Promise<void> {
  await removeFolder(folder);
  await mkdir(folder, { recursive: true });
  for (const part of ['tree', 'home']) await makeSandboxFolder(path.join(folder, part), uid);
}

/** Keeps owners, links and times. File systems that support it copy no data. */
const copyScript =
  'cp -a --reflink=auto /from/tree/. /workspace/ && cp -a --reflink=auto /from/home/. /home/agent/';
