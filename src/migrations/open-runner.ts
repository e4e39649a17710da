import type { ScratchServer } from '../databases/run-sql.js';
import type { Workspace } from '../workspace/workspace.js';
import type { FoundCommands } from './find/find-commands.js';
import type { FoundMigrations } from './find/find-migrations.js';
import { readSqlMigrations, type SqlMigration } from './read-sql-migration.js';
import { type Applied, runCommand, runSqlFiles } from './run-migrations.js';

type Repository = Pick<Workspace, 'environment' | 'listFiles' | 'readFile'>;

/** Applies and undoes migrations, with the tool or by running the SQL of the files. */
export interface Runner {
  upBase(): Promise<Applied>;
  up(): Promise<Applied>;
  /** @returns a sentence that says why they cannot be undone, if the repository does not want to */
  down(): Promise<Applied | string>;
  /** @returns notes */
  seed(): Promise<string[]>;
}

/**
 * @param baseCommit the commit before the change
 * @param commit the commit with the change
 */
export async function openRunner(
  rehearsal: ScratchServer,
  found: FoundMigrations,
  { workspace, baseCommit, commit }: { workspace: Repository; baseCommit: string; commit: string },
): Promise<Runner> {
  const texts = await readTexts(workspace, commit, found.added);
  const isFinal = [...texts.values()].some((text) => found.irreversible?.test(text));
  const runner = found.commands
    ? openCommandRunner(rehearsal, found.commands, found.added.length, addressOf(rehearsal, workspace))
    : openSqlRunner(rehearsal, await readSql(baseCommit), await readSql(commit));
  return isFinal ? { ...runner, down: async () => final } : runner;

  async function readSql(where: string): Promise<SqlMigration[]> {
    const paths = (await workspace.listFiles(where)).filter(found.isMigration);
    return readSqlMigrations(await readTexts(workspace, where, paths));
  }
}

const final = 'The migrations say that they cannot be undone, so Pullwright did not try it.';

function openCommandRunner(
  rehearsal: ScratchServer,
  commands: FoundCommands,
  added: number,
  env: Record<string, string>,
): Runner {
  const run = (command: string, times = 1) => runCommand(rehearsal, commands, command, { times, env });
  return {
    upBase: () => run(commands.up),
    up: () => run(commands.up),
    down: async () =>
      commands.down === null
        ? 'Pullwright found no command that undoes these migrations.'
        : run(commands.down, added),
    seed: async () => {
      if (commands.seed === null) return [];
      const { error } = await run(commands.seed);
      return error === null ? [] : [`The repository's own rows are not in the database: ${error}.`];
    },
  };
}

function openSqlRunner(
  rehearsal: ScratchServer,
  base: readonly SqlMigration[],
  all: readonly SqlMigration[],
): Runner {
  const known = new Set(base.map(({ name }) => name));
  const fresh = all.filter(({ name }) => !known.has(name));
  const run = (files: readonly { name: string; sql: string }[]) =>
    runSqlFiles(rehearsal, rehearsal.server.database, files);
  const forward = (files: readonly SqlMigration[]) => run(files.map(({ name, up }) => ({ name, sql: up })));
  return {
    upBase: () => forward(base),
    up: () => forward(fresh),
    down: async () => {
      const back = fresh.flatMap(({ name, down }) => (down === null ? [] : [{ name, sql: down }])).reverse();
      return back.length < fresh.length ? 'No file says how to undo these migrations.' : run(back);
    },
    seed: async () => [],
  };
}

async function readTexts(
  workspace: Repository,
  commit: string,
  paths: readonly string[],
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const path of paths) texts.set(path, (await workspace.readFile(commit, path)) ?? '');
  return texts;
}

/** The usual variables with the address of the database. They never replace those of the repository. */
function addressOf({ server }: ScratchServer, { environment }: Repository): Record<string, string> {
  const { host, port, user, password, database } = server;
  const account = [user, password].map(encodeURIComponent).join(':');
  const url = `postgres://${account}@${host}:${port}/${encodeURIComponent(database)}`;
  const usual = {
    ...{ DATABASE_URL: url, PGHOST: host, PGPORT: String(port), PGUSER: user },
    ...{ PGPASSWORD: password, PGDATABASE: database },
  };
  return Object.fromEntries(Object.entries(usual).filter(([name]) => !(name in environment.variables)));
}
