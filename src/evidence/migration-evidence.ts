import { z } from 'zod';

/** One statement of a migration that changed the schema, as Postgres recorded it. */
export const MigrationStatement = z.object({
  /** The first 1,000 characters of the statement. */
  sql: z.string(),
  /** Locks on tables that existed before, as SQL names them, such as `ACCESS EXCLUSIVE`. */
  locks: z.array(z.object({ table: z.string(), mode: z.string() })),
  /** Tables that Postgres wrote anew, row by row. */
  rewrites: z.array(z.string()),
  /** Duration in milliseconds; null if the statement failed. */
  durationMs: z.number().nullable(),
  /** Number of rows of the largest table that it locks or rewrites; null if there is none. */
  rows: z.number().nullable(),
});
export type MigrationStatement = z.infer<typeof MigrationStatement>;

/** One application or reversal of the change's migrations. */
export const MigrationStage = z.object({
  name: z.enum(['up', 'down', 'up again']),
  /** The command, as a person would type it; null if Pullwright ran the SQL itself. */
  command: z.string().nullable(),
  durationMs: z.number(),
  /** Why it failed, as Postgres or the command said it, in one line; null if it did not. */
  error: z.string().nullable(),
});
export type MigrationStage = z.infer<typeof MigrationStage>;

/** How the repository's own tests of the base commit did on the schema of the change. */
export const OldCode = z.object({
  passed: z.number(),
  /** Ids of tests that pass on the old schema and fail twice on the new one. */
  failing: z.array(z.string()),
});
export type OldCode = z.infer<typeof OldCode>;

/** What Pullwright measured about the migrations of a change, on a database in a scratch copy. */
export const Migrations = z.object({
  /** The tool that runs them, such as `Knex`. */
  tool: z.string(),
  /** The server, such as `PostgreSQL 18.4`; null if there was none. */
  server: z.string().nullable(),
  /** Paths of migrations that the change adds. */
  added: z.array(z.string()),
  /** Paths of migrations of the base commit that the change edits, moves or deletes. */
  edited: z.array(z.string()),
  /** Why the migrations were not rehearsed, as a clause; null if they were. */
  notRehearsed: z.string().nullable(),
  /** The tables that had rows, and the number of these rows. */
  tables: z.number(),
  rows: z.number(),
  /** Tables with fewer rows than intended, one clause each. */
  unfilled: z.array(z.string()),
  /** Empty if they were not rehearsed. */
  stages: z.array(MigrationStage),
  /** The statements of the first `up`, in order. */
  statements: z.array(MigrationStatement),
  /** Rows that the first `up` updated or deleted, one clause per table. */
  updates: z.array(z.string()),
  /** Lines of the schema that the migrations add and remove, such as `column public.a.b text`. */
  schema: z.object({ added: z.array(z.string()), removed: z.array(z.string()) }),
  /** What the migrations take away, one sentence each. A reviewer must know it; it need not be wrong. */
  damage: z.array(z.string()),
  /** What is wrong, one sentence each. */
  faults: z.array(z.string()),
  /** Further sentences for the reader. */
  notes: z.array(z.string()),
  /** The last 2,000 characters that a failed command printed; '' if none failed. */
  output: z.string(),
  /** Null if these tests did not run. */
  oldCode: OldCode.nullable(),
});
export type Migrations = z.infer<typeof Migrations>;
