import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface TestDatabase {
  url: string;
  /** Runs a query on a connection of the test. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Ends every connection and accepts no new one, like a server that is down. */
  takeAway(): Promise<void>;
  bringBack(): Promise<void>;
  /**
   * Fails the next statements of a kind, like a server that has no room left or is shutting down.
   * @param kind such as `insert on pullwright.checkpoints` or `update of attempts on pullwright.runs`
   * @returns a function that tells how many have failed so far
   */
  failNext(kind: string, sqlState: string, times: number): Promise<() => Promise<number>>;
  /** Opens a pool for the code under test. The caller ends it before it drops the database. */
  openPool(): pg.Pool;
  drop(): Promise<void>;
}

/** Creates a database without rows on the Postgres that all test files share (global-setup.mjs). */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env.TEST_POSTGRES_URL;
  if (!server) throw new Error('TEST_POSTGRES_URL is not set: run the tests with npm test');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name} template template_migrated`);
  const url = server.replace('/postgres?', `/${name}?`);
  const openPool = (max = 10) => {
    const opened = new pg.Pool({ connectionString: url, max });
    // `takeAway` ends the pool's connections, too; the pool opens new ones. `drop` ends connections that are
    // still closing.
    opened.on('error', () => {});
    return opened;
  };
  const pool = openPool(2);
  return {
    url,
    query: async (sql, values) => (await pool.query(sql, values)).rows,
    takeAway: async () => {
      await onServer(server, `alter database ${name} allow_connections false`);
      await onServer(
        server,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
      );
    },
    bringBack: () => onServer(server, `alter database ${name} allow_connections true`),
    failNext: async (kind, sqlState, times) => {
      const fault = `fault_${randomBytes(4).toString('hex')}`;
      // A sequence keeps its count when the statement is rolled back.
      await pool.query(`create sequence ${fault}`);
      await pool.query(`create function ${fault}() returns trigger language plpgsql as $$ begin
        if nextval('${fault}') <= ${times} then raise 'a fault of the test' using errcode = '${sqlState}'; end if;
        return new;
      end $$`);
      await pool.query(`create trigger ${fault} before ${kind} for each row execute function ${fault}()`);
      return async () => {
        const { rows } = await pool.query<{ n: string }>(
          `select case when is_called then last_value else 0 end as n from ${fault}`,
        );
        return Math.min(times, Number(rows[0]?.n));
      };
    },
    openPool: () => openPool(),
    drop: async () => {
      await pool.end();
      await onServer(server, `drop database ${name} with (force)`);
    },
  };
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
