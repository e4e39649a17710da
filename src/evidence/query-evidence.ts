import { z } from 'zod';

/** A statement counts as repeated if it runs more often than this in one test. */
export const repeatedMoreThan = 10;

/** What Postgres recorded while the tests of a change ran, compared with the base commit. */
export const Queries = z.object({
  /** Name and version of the server, such as `PostgreSQL 18.4`. */
  server: z.string(),
  /** How many tests were recorded, and how many statements ran in them. */
  tests: z.number(),
  statements: z.number(),
  /**
   * What most tests run more (or less, if negative) than on the base commit, such as a migration before each
   * test; null if there is nothing of this kind.
   */
  common: z.object({ tests: z.number(), difference: z.number() }).nullable(),
  /** Other tests of the base commit that run another number of statements with the change. */
  changed: z.array(z.object({ test: z.string(), before: z.number(), after: z.number() })),
  /**
   * Statements, other than inserts, that ran more than `repeatedMoreThan` times in one test. Those that did
   * so in the same test on the base commit are left out.
   */
  repeated: z.array(z.object({ test: z.string(), statement: z.string(), times: z.number() })),
  /** Conditions that no index serves. Those that recorded tests of the base commit have are left out. */
  unindexed: z.array(
    z.object({ test: z.string(), statement: z.string(), table: z.string(), condition: z.string() }),
  ),
  /** What could not be recorded, in sentences. */
  notes: z.array(z.string()),
});
export type Queries = z.infer<typeof Queries>;
