import path from 'node:path';
import type { LocalGitHub } from '../../local-github/local-github.js';
import type { SandboxLimits } from '../../src/sandbox/sandbox.js';
import type { Repository } from '../../src/task/task.js';
import { openMirrors } from '../../src/workspace/open-mirrors.js';
import { openWorkspaces } from '../../src/workspace/open-workspaces.js';
import type { Workspace } from '../../src/workspace/workspace.js';
import { openTestSandboxes } from './open-test-sandboxes.js';

/** Workspaces of repositories on the local GitHub, without the app around them. */
export async function openTestWorkspaces(
  folder: string,
  github: LocalGitHub,
  limits: Partial<SandboxLimits> = {},
) {
  const sandboxes = await openTestSandboxes(folder, 256, [], limits);
  const installationOf = (repository: Repository) => {
    const made = github.state.findRepository(`${repository.owner}/${repository.name}`);
    if (!made) throw new Error(`there is no repository ${repository.owner}/${repository.name}`);
    return github.state.installationFor(made);
  };
  const grantGitAccess = async (repository: Repository, access: 'read' | 'write') => ({
    name: repository.name,
    token: github.tokens.mint(installationOf(repository), [repository.id], {
      contents: access,
      metadata: 'read',
    }).value,
  });
  const mirrors = openMirrors({
    folder: path.join(folder, 'mirrors'),
    webUrl: github.url,
    uid: sandboxes.uid,
    grantGitAccess,
  });
  const bundles = new Map<string, Buffer>();
  const workspaces = openWorkspaces({
    folder: path.join(folder, 'runs'),
    webUrl: github.url,
    sandboxes,
    mirrors,
    checkpoints: {
      save: async (_, commit, bundle) => void bundles.set(commit, bundle),
      load: async (_, commit) => bundles.get(commit) ?? null,
    },
    grantGitAccess,
    egressOf: () => ({ allowed: null, notGranted: [] }),
  });
  return {
    /** Makes a repository with these files, and opens a run's workspace of it. */
    open: async (
      name: string,
      files: Record<string, string>,
      setup: string[] = [],
    ): Promise<{ workspace: Workspace; base: string }> => {
      const made = github.state.findRepository(name) ?? (await github.createRepository(name, { files }));
      const [owner = '', short = ''] = name.split('/');
      const repository: Repository = {
        id: made.id,
        owner,
        name: short,
        defaultBranch: 'main',
        private: false,
        installationId: github.state.installationFor(made).id,
      };
      const mirror = await mirrors.update(repository);
      const base = (await mirror.resolve('main'))?.commit ?? '';
      const workspace = await workspaces.open({
        runId: `run-${Math.random().toString(36).slice(2)}`,
        repository,
        baseCommit: base,
        commits: [],
        setup,
        egress: null,
        setupTimeoutMs: 60_000,
      });
      return { workspace, base };
    },
  };
}
