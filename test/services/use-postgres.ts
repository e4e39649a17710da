import path from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { type LocalGitHub, startLocalGitHub } from '../../local-github/local-github.js';
import { composeProvide } from '../../src/composition/provide.js';
import { emptyEnvironment } from '../../src/environment/environment.js';
import type { Workspace } from '../../src/workspace/workspace.js';
import { openTestWorkspaces } from '../support/open-test-workspaces.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { postgres } from './use-services.js';

export type Files = Record<string, string>;

/**
 * Opens workspaces with the Postgres that Pullwright itself uses, for one test file. Commands find the
 * packages of this project in /opt/node_modules.
 */
export function usePostgres() {
  let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
  let github: LocalGitHub;
  let machine: Awaited<ReturnType<typeof openTestWorkspaces>>;
  const variables = { NODE_PATH: '/opt/node_modules' };
  const services = [postgres({ name: 'db', hosts: ['db'] })];
  beforeAll(async () => {
    folder = await createTemporaryFolder();
    github = await startLocalGitHub({ folder: path.join(folder.path, 'github') });
    const limits = { memoryBytes: 4 * 1024 ** 3 };
    machine = await openTestWorkspaces(folder.path, github, limits, null, (sandboxes) =>
      composeProvide({
        config: { home: folder.path, sandbox: { backend: 'bubblewrap' } },
        sandboxes,
        provideToolchains: async () => ({
          ...{ path: [], provided: [], missing: [], variables },
          mounts: [{ from: path.resolve('node_modules'), to: '/opt/node_modules', writable: false }],
        }),
      })({ ...emptyEnvironment, services, variables }, { allowed: null, notGranted: [] }),
    );
  });
  afterAll(async () => {
    await github.stop();
    await folder.remove();
  });

  return {
    services,
    open: (name: string, files: Files) => machine.open(name, files),
  };
}

/** Commits files on top of a commit of the workspace. */
export async function commitFiles(workspace: Workspace, base: string, files: Files): Promise<string> {
  await workspace.restore(base);
  workspace.markDirty();
  for (const [file, text] of Object.entries(files))
    await workspace.sandbox.execute({
      script: 'mkdir -p "$(dirname "$1")" && cat > "$1"',
      args: [file],
      stdin: text,
      timeoutMs: 60_000,
    });
  return (await workspace.checkpoint()).commit;
}
