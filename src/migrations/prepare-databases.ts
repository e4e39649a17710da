import {
  DatabaseError,
  identifier,
  query,
  runSql,
  type ScratchServer,
  type SqlTask,
} from '../databases/run-sql.js';
import { describeSchemaSql, readSchema, type Schema } from './describe-schema.js';
import { installWatch } from './watch.js';

/** The database that nobody works in, so that all others can be replaced. */
const maintenance = 'template1';

const listDatabases = `select datname, pg_get_userbyid(datdba) from pg_database
  where datallowconn and not datistemplate order by datname`;
const listExtensions = "select extname from pg_extension where extname <> 'plpgsql' order by extname";

/**
 * Makes the databases ready, so that Postgres records what migrations do.
 * @param isFresh whether each database is replaced by an empty one with the same name, owner and extensions.
 * Migrations then find it in the same way as they found the old one.
 * @returns the names of the databases
 * @throws DatabaseError if this fails
 */
export async function prepareDatabases(rehearsal: ScratchServer, isFresh: boolean): Promise<string[]> {
  const listed = await query(rehearsal, maintenance, listDatabases);
  const databases = listed.map(([name, owner]) => ({ name: name ?? '', owner: owner ?? '' }));
  const extensions = isFresh
    ? await runSql(
        rehearsal,
        databases.map(({ name }) => ({ database: name, attempts: [listExtensions] })),
      )
    : [];
  const inMaintenance = (sql: string): SqlTask => ({
    database: maintenance,
    attempts: [sql],
    isRequired: true,
  });
  const tasks = databases.flatMap(({ name, owner }, index) => {
    const quoted = identifier(name);
    return [
      ...(isFresh
        ? [
            inMaintenance(`drop database ${quoted}`),
            inMaintenance(`create database ${quoted} owner ${identifier(owner)}`),
          ]
        : []),
      // What an extension of the set-up needs may be in no other database. The migrations then say so.
      ...(extensions[index]?.rows ?? []).map(([extension]) => ({
        database: name,
        attempts: [`create extension if not exists ${identifier(extension ?? '')} cascade`],
      })),
      ...installWatch(name, quoted),
    ];
  });
  const failed = (await runSql(rehearsal, tasks)).at(-1)?.error;
  if (failed) throw new DatabaseError(`the databases could not be prepared (${failed.message})`);
  return databases.map(({ name }) => name);
}

/** Finds the database that has most objects, because the migrations were applied to it. */
export async function findDatabase(
  rehearsal: ScratchServer,
  names: readonly string[],
): Promise<{ database: string; schema: Schema }> {
  const results = await runSql(
    rehearsal,
    names.map((database) => ({ database, attempts: [describeSchemaSql], isRequired: true })),
  );
  const described = results.map(({ rows, error }, index) => {
    if (error) throw new DatabaseError(`the schema of ${names[index]} could not be read (${error.message})`);
    return { database: names[index] ?? '', schema: readSchema(rows) };
  });
  const size = ({ schema }: { schema: Schema }) => schema.tables.length * 1000 + schema.lines.length;
  const [largest] = described.sort((one, other) => size(other) - size(one));
  if (!largest) throw new DatabaseError('the server has no database');
  return largest;
}

/** Reads the schema of one database. */
export async function describeDatabase(rehearsal: ScratchServer, database: string): Promise<Schema> {
  return readSchema(await query(rehearsal, database, describeSchemaSql));
}
