import { chmod, chown, mkdir } from 'node:fs/promises';
import path from 'node:path';
import {
  type Layers,
  type Mount,
  makeLayers,
  makeSandboxFolder,
  removeFolder,
  type Sandbox,
  type Sandboxes,
} from '../sandbox/sandbox.js';
import type { Provision } from './provision.js';
import { runScript } from './run-script.js';
import { createProjectSandbox, type ProjectSandbox } from './set-up/project-sandbox.js';

/**
 * Folders of one run on this machine. Some of them are tree folders. A tree folder contains the folders
 * `tree` and `home`, which sandboxes mount at `/workspace` and `/home/agent`. If the repository needs
 * services, it also contains the folder `services` with their data, which sandboxes mount at `/services`.
 */
export interface RunFolders {
  root: string;
  /** The run's bare git repository. */
  store: string;
  /** Tree folder with the result of the set-up. After the set-up, no command runs in it. */
  setUp: string;
  /** Tree folder of the agent. */
  agent: string;
  /** Folder that contains one tree folder per scratch copy. */
  scratch: string;
  /** Folder that contains one tree folder per download. */
  downloads: string;
  /** Folder that contains one tree folder per set-up with the content of a change. */
  changed: string;
  /** Folder of the git repository that stores snapshots of the agent's tree. */
  snapshot: string;
  /** Folder with the full texts of tool results that were cut for the model. */
  outputs: string;
  /** Folder with the data of services that have just been initialized, until the set-up takes it. */
  services: string;
  /** Folder with the data of the agent's services, while its tree folder is made anew. */
  keptServices: string;
  /** The file that the run's sandboxes mount at /etc/hosts. */
  hosts: string;
}

export function runFolders(root: string): RunFolders {
  return {
    root,
    store: path.join(root, 'store.git'),
    setUp: path.join(root, 'set-up'),
    agent: path.join(root, 'agent'),
    scratch: path.join(root, 'scratch'),
    downloads: path.join(root, 'downloads'),
    changed: path.join(root, 'changed'),
    snapshot: path.join(root, 'snapshot'),
    outputs: path.join(root, 'outputs'),
    services: path.join(root, 'services'),
    keptServices: path.join(root, 'kept-services'),
    hosts: path.join(root, 'hosts'),
  };
}

/** Creates a folder that only our own user and the sandboxes' user can enter. */
export async function makePassableFolder(folder: string, uid: number | null): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o750 });
  await chmod(folder, 0o750);
  if (uid !== null) await chown(folder, process.getuid?.() ?? 0, uid);
}

/** Sandboxes of one run. They mount the mirror and the run's store, so that git finds all objects. */
export interface TreeSandboxes {
  uid: number | null;
  /** Opens a sandbox that can write to a tree folder. */
  openTree(folder: string, extraMounts?: Mount[]): ProjectSandbox;
  /**
   * Opens a sandbox that can write to a tree folder. It contains nothing of the repository's history, and no
   * services.
   */
  openWithoutRepository(folder: string): ProjectSandbox;
  /**
   * Opens a sandbox for git snapshots of the agent's tree. The agent's home folder is not in this sandbox.
   */
  openSnapshots(folders: RunFolders): Sandbox;
  /** Replaces the folder `to` with a copy of the tree folder `from`. */
  copyTree(from: string, to: string): Promise<void>;
  /**
   * Opens a sandbox in a copy of the tree folder `from`. The folder `to` has what differs from it, or the
   * whole copy if this machine cannot mount overlays. Nothing may write to `from` as long as `to` exists.
   */
  openCopy(from: string, to: string): Promise<ProjectSandbox>;
  /** Copies the home folder of the tree folder `from` into the empty one of the tree folder `to`. */
  copyHome(from: string, to: string): Promise<void>;
}

/** @param provision what this machine adds to the sandboxes of the repository's commands */
export function createTreeSandboxes(
  sandboxes: Sandboxes,
  mirrorFolder: string,
  folders: RunFolders,
  provision: Provision,
): TreeSandboxes {
  const { uid } = sandboxes;
  const hasServices = provision.services !== null;
  const repositories: Mount[] = [
    { from: mirrorFolder, to: '/mirror', writable: false },
    { from: folders.store, to: '/store', writable: false },
  ];
  const serviceMounts = (folder: string): Mount[] =>
    hasServices
      ? [
          { from: path.join(folder, 'services'), to: '/services', writable: true },
          { from: folders.hosts, to: '/etc/hosts', writable: false },
        ]
      : [];
  const copyTree: TreeSandboxes['copyTree'] = async (from, to) => {
    await makeTreeFolder(to, uid);
    if (hasServices) await makeSandboxFolder(path.join(to, 'services'), uid);
    const mounts = [...treeMounts(to), ...serviceMounts(to)];
    const copying = sandboxes.open([{ from, to: '/from', writable: false }, ...mounts]);
    await runScript(copying, hasServices ? copyWithServicesScript : copyScript, []);
  };
  const openTree = (folder: string, extraMounts: Mount[] = [], layers: Layers | null = null) => {
    const mounts = [...repositories, ...treeMounts(folder), ...serviceMounts(folder), ...provision.mounts];
    return createProjectSandbox(sandboxes.open([...mounts, ...extraMounts], layers), provision);
  };
  return {
    uid,
    openTree,
    openWithoutRepository: (folder) =>
      createProjectSandbox(sandboxes.open([...treeMounts(folder), ...provision.mounts]), {
        ...provision,
        services: null,
      }),
    openSnapshots: ({ agent, snapshot }) =>
      sandboxes.open([
        ...repositories,
        { from: path.join(agent, 'tree'), to: '/workspace', writable: true },
        { from: snapshot, to: '/snapshot', writable: true },
      ]),
    copyTree,
    openCopy: async (from, to) => {
      if (sandboxes.layersFault !== null) {
        await copyTree(from, to);
        return openTree(to);
      }
      await removeFolder(to);
      const layers = await makeLayers(to, from, hasServices ? [...treeParts, 'services'] : treeParts, uid);
      return openTree(layers.upper, [], layers);
    },
    copyHome: async (from, to) => {
      const home = { from: path.join(from, 'home'), to: '/from/home', writable: false };
      await runScript(sandboxes.open([home, ...treeMounts(to)]), copyHomeScript, []);
    },
  };
}

const treeParts = ['tree', 'home'];

function treeMounts(folder: string): Mount[] {
  return [
    { from: path.join(folder, 'tree'), to: '/workspace', writable: true },
    { from: path.join(folder, 'home'), to: '/home/agent', writable: true },
  ];
}

/** Replaces a folder with a new tree folder, which contains the empty folders `tree` and `home`. */
export async function makeTreeFolder(folder: string, uid: number | null): Promise<void> {
  await removeFolder(folder);
  await mkdir(folder, { recursive: true });
  for (const part of treeParts) await makeSandboxFolder(path.join(folder, part), uid);
}

/** Preserves owners, links and times. On a file system with copy-on-write, the data is not duplicated. */
const copyHomeScript = 'cp -a --reflink=auto /from/home/. /home/agent/';
const copyScript = `cp -a --reflink=auto /from/tree/. /workspace/ && ${copyHomeScript}`;
const copyWithServicesScript = `${copyScript} && cp -a --reflink=auto /from/services/. /services/`;
