import { existsSync } from 'node:fs';
import path from 'node:path';
import { startEmbeddedPostgres } from '../../src/database/connection/embedded-postgres.js';

/** Functions that close what was opened. */
export interface Closers {
  add(step: () => Promise<unknown>): void;
  /**
   * Closes in reverse order. If one step fails, the others still run.
   * @throws AggregateError
   */
  close(): Promise<void>;
}

export function createClosers(): Closers {
  const steps: (() => Promise<unknown>)[] = [];
  return {
    add: (step) => steps.push(step),
    close: async () => {
      const failures: unknown[] = [];
      for (const step of steps.splice(0).reverse()) await step().catch((error) => failures.push(error));
      if (failures.length > 0)
        throw new AggregateError(failures, `cleaning up failed: ${failures.join('; ')}`);
    },
  };
}

/** Stops the embedded Postgres of an app if it is still running because the app was killed. */
export async function stopOrphanedPostgres(home: string): Promise<void> {
  const folder = path.join(home, 'postgres');
  if (existsSync(path.join(folder, 'data', 'postmaster.pid')))
    await (await startEmbeddedPostgres(folder)).stop();
}
