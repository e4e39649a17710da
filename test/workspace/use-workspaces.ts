import path from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { type LocalGitHub, startLocalGitHub } from '../../local-github/local-github.js';
import type { Workspace } from '../../src/workspace/workspace.js';
import { openTestWorkspaces } from '../support/open-test-workspaces.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const megabyte = 1024 * 1024;

type Open = Awaited<ReturnType<typeof openTestWorkspaces>>['open'];

/** Opens workspaces of repositories on a local GitHub, for one test file. */
export function useWorkspaces() {
  let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
  let github: LocalGitHub;
  let open: Open;
  beforeAll(async () => {
    folder = await createTemporaryFolder();
    github = await startLocalGitHub({ folder: path.join(folder.path, 'github') });
    ({ open } = await openTestWorkspaces(folder.path, github, { fileBytes: 300 * megabyte }));
  });
  afterAll(async () => {
    await github.stop();
    await folder.remove();
    expect(github.violations).toEqual([]);
  });
  return {
    open: (...args: Parameters<Open>) => open(...args),
    get github() {
      return github;
    },
    get folder() {
      return folder.path;
    },
    /** A file outside of all workspaces. It exists only if a hostile program ran outside of its sandbox. */
    get proof() {
      return path.join(folder.path, 'pwned');
    },
  };
}

/** Runs a script in a sandbox. @returns its output */
export async function shell({ sandbox }: Pick<Workspace, 'sandbox'>, script: string, ...args: string[]) {
  return (await sandbox.execute({ script, args, timeoutMs: 60_000 })).output;
}

/** Makes a checkpoint. @returns the paths that it changes */
export async function changedPaths(workspace: Workspace): Promise<string[]> {
  const { commit } = await workspace.checkpoint();
  return (await workspace.readChanges(commit)).map((change) => change.path);
}

export function push(workspace: Workspace, base: string, checkpoint: string, branch: string) {
  return workspace.push({
    checkpoint,
    branch,
    message: 'Change',
    author: { name: 'bot', email: 'bot@example.org' },
    date: '2026-01-02T03:04:05Z',
    lease: null,
    parents: [base],
  });
}
