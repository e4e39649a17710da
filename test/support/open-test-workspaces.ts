import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { LocalGitHub } from '../../local-github/local-github.js';
import { emptyEnvironment } from '../../src/environment/environment.js';
import type { Registries, Sandboxes, SandboxLimits } from '../../src/sandbox/sandbox.js';
import type { Repository } from '../../src/task/task.js';
import { openMirrors } from '../../src/workspace/mirrors/open-mirrors.js';
import { openWorkspaces } from '../../src/workspace/open-workspaces.js';
import { emptyProvision, type Provision } from '../../src/workspace/provision.js';
import type { Workspace } from '../../src/workspace/workspace.js';
import { openTestSandboxes } from './open-test-sandboxes.js';

/** Opens workspaces of repositories on the local GitHub, without the rest of the app. */
export async function openTestWorkspaces(
  folder: string,
  github: LocalGitHub,
  limits: Partial<SandboxLimits> = {},
  registries: Pick<Registries, 'hosts' | 'environment' | 'files'> | null = null,
  provide: (sandboxes: Sandboxes) => Promise<Provision> = async () => emptyProvision,
  toolPaths: string[] = [],
) {
  const sandboxes = await openTestSandboxes(folder, 256, toolPaths, limits, registries ?? undefined);
  const grantGitAccess = createGrant(github);
  const mirrors = openMirrors({
    folder: path.join(folder, 'mirrors'),
    webUrl: github.url,
    uid: sandboxes.uid,
    grantGitAccess,
  });
  const bundles = new Map<string, Buffer>();
  const open = () =>
    openWorkspaces({
      folder: path.join(folder, 'runs'),
      webUrl: github.url,
      sandboxes,
      mirrors,
      checkpoints: {
        save: async (_, commit, bundle) => void bundles.set(commit, bundle),
        load: async (_, commit) => bundles.get(commit) ?? null,
      },
      grantGitAccess,
      findSibling: async (_, name) => toRepository(github, github.state.findRepository(`acme/${name}`)),
      egressOf: () => ({ allowed: registries?.hosts ?? null, notGranted: [] }),
      provide: () => provide(sandboxes),
    });
  let workspaces = open();
  return {
    /** Forgets all opened workspaces, as a new process of the same machine does. */
    restart: () => {
      workspaces = open();
    },
    /** Opens the workspace of a new run. Creates the repository with these files when there is none yet. */
    open: async (
      name: string,
      files: Record<string, string>,
      setup: string[] = [],
      runId = `run-${randomUUID()}`,
    ): Promise<{ workspace: Workspace; base: string }> => {
      const repository = await findOrCreate(github, name, files);
      const mirror = await mirrors.update(repository);
      const base = (await mirror.resolve('main'))?.commit ?? '';
      const workspace = await workspaces.open({
        ...{ runId, repository, baseCommit: base, commits: [], baseBranch: 'main' },
        ...{ environment: emptyEnvironment, setup, egress: null, setupTimeoutMs: 180_000 },
      });
      return { workspace, base };
    },
  };
}

function createGrant(github: LocalGitHub) {
  return async ({ id, owner, name }: Repository, access: 'read' | 'write') => {
    const installation = github.state.installationFor(github.state.repository(`${owner}/${name}`));
    const permissions = { contents: access, metadata: 'read' };
    return { name, token: github.tokens.mint(installation, [id], permissions).value };
  };
}

async function findOrCreate(
  github: LocalGitHub,
  fullName: string,
  files: Record<string, string>,
): Promise<Repository> {
  const found = github.state.findRepository(fullName) ?? (await github.createRepository(fullName, { files }));
  return toRepository(github, found) as Repository;
}

function toRepository(
  github: LocalGitHub,
  found: ReturnType<LocalGitHub['state']['findRepository']>,
): Repository | null {
  if (!found) return null;
  return {
    id: found.id,
    owner: found.owner.login,
    name: found.name,
    defaultBranch: 'main',
    private: false,
    installationId: github.state.installationFor(found).id,
  };
}
