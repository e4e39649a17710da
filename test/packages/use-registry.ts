import path from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { type LocalGitHub, startLocalGitHub } from '../../local-github/local-github.js';
import type { Package } from '../../src/evidence/evidence.js';
import { addPackages } from '../../src/packages/add-packages.js';
import { setUpChange } from '../../src/packages/set-up-change.js';
import type { Workspace } from '../../src/workspace/workspace.js';
import { startNpmRegistry } from '../support/npm-registry.js';
import { openTestWorkspaces } from '../support/open-test-workspaces.js';
import { startPythonIndex } from '../support/python-index.js';
import { startComposerRepository } from '../support/registries/composer-repository.js';
import { startCrateRegistry } from '../support/registries/crate-registry.js';
import { startGemServer } from '../support/registries/gem-server.js';
import { startGoProxy } from '../support/registries/go-proxy.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

type Open = Awaited<ReturnType<typeof openTestWorkspaces>>['open'];
export type Opened = Awaited<ReturnType<Open>>;

export const limits = { timeoutMs: 120_000 };
const settings = { setup: null, setupAdds: [], test: null };

/** Opens workspaces whose set-up can reach a registry for Node packages, for one test file. */
export function useRegistry(packages: Parameters<typeof startNpmRegistry>[0]) {
  return useServer(
    () => startNpmRegistry(packages),
    ({ url }) => ({ npm_config_registry: url }),
  );
}

/** Opens workspaces whose set-up can reach an index for Python packages, for one test file. */
export function usePythonIndex(packages: Parameters<typeof startPythonIndex>[0]) {
  return useServer(
    () => startPythonIndex(packages),
    // The settings of pip on this machine could name other indexes.
    ({ url }) => ({ PIP_INDEX_URL: url, PIP_CONFIG_FILE: '/dev/null' }),
  );
}

/** Opens workspaces whose set-up can reach a proxy for Go modules, for one test file. */
export function useGoProxy(modules: Parameters<typeof startGoProxy>[0]) {
  return useServer(
    () => startGoProxy(modules),
    // Go uses no HTTP proxy for `localhost`. This port of the relay leads to the first allowed host.
    () => ({ GOPROXY: 'http://localhost:3129', GOSUMDB: 'off' }),
  );
}

/** Opens workspaces whose set-up can reach a server for gems, for one test file. */
export function useGemServer(gems: Parameters<typeof startGemServer>[0]) {
  return useServer(
    () => startGemServer(gems),
    () => ({}),
  );
}

/** Opens workspaces whose set-up can reach a repository of PHP packages, for one test file. */
export function useComposerRepository(packages: Parameters<typeof startComposerRepository>[0]) {
  return useServer(
    () => startComposerRepository(packages),
    () => ({}),
  );
}

/** Opens workspaces whose set-up can reach a registry for crates, for one test file. */
export function useCrateRegistry(crates: Parameters<typeof startCrateRegistry>[0]) {
  return useServer(
    () => startCrateRegistry(crates),
    // Only a file can name another registry.
    () => ({}),
  );
}

interface Server {
  url: string;
  port: number;
  stop(): Promise<void>;
}

function useServer<S extends Server>(
  start: () => Promise<S>,
  environmentOf: (server: S) => Record<string, string>,
) {
  let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
  let github: LocalGitHub;
  let registry: S;
  let open: Open;
  let openOffline: Open;
  beforeAll(async () => {
    folder = await createTemporaryFolder();
    github = await startLocalGitHub({ folder: path.join(folder.path, 'github') });
    registry = await start();
    const registries = {
      hosts: [{ host: 'localhost', port: registry.port, mayBePrivate: true }],
      environment: environmentOf(registry),
      files: [],
    };
    // Composer complains about a disk with less than 100 MiB.
    const limits = { tmpBytes: 128 * 1024 * 1024 };
    ({ open } = await openTestWorkspaces(path.join(folder.path, 'online'), github, limits, registries));
    ({ open: openOffline } = await openTestWorkspaces(path.join(folder.path, 'offline'), github));
  });
  afterAll(async () => {
    await Promise.all([github.stop(), registry.stop()]);
    await folder.remove();
    expect(github.violations).toEqual([]);
  });
  return {
    open: (...args: Parameters<Open>) => open(...args),
    /** Opens a workspace without a registry. */
    openOffline: (...args: Parameters<Open>) => openOffline(...args),
    get registry() {
      return registry;
    },
  };
}

export function add(
  { workspace, base }: Opened,
  packages: string[],
  more: { dev?: boolean; manifest?: string } = {},
) {
  return addPackages(
    { workspace, baseCommit: base, settings, ...limits },
    { packages, dev: false, manifest: null, ...more },
  );
}

/** Sets up what is in the tree of the agent, as for a measurement. */
export async function measure({ workspace, base }: Opened) {
  const { commit } = await workspace.checkpoint();
  return { commit, ...(await setUpChange(workspace, { baseCommit: base, commit, settings, ...limits })) };
}

/**
 * The packages of a change that only adds `shout` 2.0.0.
 * @param direct how the package differs from that
 * @param indirect number of packages that it needs and that the lockfile did not contain
 */
export function onlyAdded(manager: string, manifest: string, direct: Partial<Package> = {}, indirect = 0) {
  const shout = { name: 'shout', manifest, from: null, to: '2.0.0', dev: false, license: 'MIT' };
  return {
    managers: [manager],
    direct: [{ ...shout, bytes: expect.any(Number), installScripts: [], ...direct }],
    indirect: { added: indirect, updated: 0, removed: 0 },
    faults: [],
    notes: [],
  };
}

/** Runs a script in a sandbox. @returns its output */
export async function shell({ sandbox }: Pick<Workspace, 'sandbox'>, script: string, ...args: string[]) {
  return (await sandbox.execute({ script, args, timeoutMs: 30_000 })).output;
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

const app = { name: 'app', version: '1.0.0' };

export function lockfile(packages: Record<string, unknown> = {}, root = {}): string {
  const entries = { '': { ...app, ...root }, ...packages };
  return json({ ...app, lockfileVersion: 3, requires: true, packages: entries });
}

/** A project with a lockfile and without packages. */
export const lockedProject = {
  '.gitignore': 'node_modules\n',
  'package.json': json({ ...app, type: 'commonjs' }),
  'package-lock.json': lockfile(),
};
