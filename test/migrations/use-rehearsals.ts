import path from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { type LocalGitHub, startLocalGitHub } from '../../local-github/local-github.js';
import { composeProvide } from '../../src/composition/provide.js';
import { type Environment, emptyEnvironment } from '../../src/environment/environment.js';
import type { Migrations } from '../../src/evidence/migration-evidence.js';
import { findMigrations } from '../../src/migrations/find/find-migrations.js';
import { rehearseMigrations } from '../../src/migrations/rehearse-migrations.js';
import type { Settings } from '../../src/task/settings.js';
import type { Workspace } from '../../src/workspace/workspace.js';
import { postgres } from '../services/use-services.js';
import { openTestWorkspaces } from '../support/open-test-workspaces.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

type Files = Record<string, string>;

interface Options {
  environment?: Partial<Environment>;
  settings?: Settings['migrations'];
}

/** Rehearses migrations in workspaces with the Postgres that Pullwright itself uses, for one test file. */
export function useRehearsals() {
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

  let count = 0;
  return {
    /**
     * Opens the workspace of a repository. Each change can be rehearsed in it.
     * @returns a function that rehearses a change; its result is null if the change touches no migrations
     */
    open: async (base: Files) => {
      count += 1;
      const { workspace, base: baseCommit } = await machine.open(`acme/shop-${count}`, base);
      const { databases, listFiles, readFile } = workspace;
      const openTree = async (where: string) => ({
        files: new Set(await listFiles(where)),
        readFile: (file: string) => readFile(where, file),
      });
      return async (change: Files, more: Options = {}): Promise<Migrations | null> => {
        await workspace.restore(baseCommit);
        const commit = await commitFiles(workspace, change);
        const environment = { ...emptyEnvironment, services, ...more.environment };
        const found = await findMigrations({
          ...{ base: await openTree(baseCommit), change: await openTree(commit), environment },
          changes: await workspace.readChanges(commit),
          settings: { migrations: more.settings ?? null },
        });
        if (!found) return null;
        return rehearseMigrations(found, {
          workspace: { databases, listFiles, readFile, environment },
          ...{ baseCommit, commit, timeoutMs: 500_000 },
          openCopy: () => workspace.openScratchCopy(baseCommit),
        });
      };
    },
  };
}

async function commitFiles(workspace: Workspace, files: Files): Promise<string> {
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
