import { type Environment, emptyEnvironment } from '../../src/environment/environment.js';
import type { Migrations } from '../../src/evidence/migration-evidence.js';
import { findMigrations } from '../../src/migrations/find/find-migrations.js';
import { rehearseMigrations } from '../../src/migrations/rehearse-migrations.js';
import type { Settings } from '../../src/task/settings.js';
import { commitFiles, type Files, usePostgres } from '../services/use-postgres.js';

interface Options {
  environment?: Partial<Environment>;
  settings?: Settings['migrations'];
}

/** Rehearses migrations in workspaces with the Postgres that Pullwright itself uses, for one test file. */
export function useRehearsals() {
  const machine = usePostgres();
  const { services } = machine;
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
        const commit = await commitFiles(workspace, baseCommit, change);
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
