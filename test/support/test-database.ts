import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface TestDatabase {
  url: string;
  /** A connection of the test's own, to read what the app left. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Ends every connection and takes no new one, as a server does that is down. */
  takeAway(): Promise<void>;
  bringBack(): Promise<void>;
  /**
   * The next statements of a kind fail, as they do on a server that has no room, or shuts down just then.
   * @param kind `insert on pullwright.checkpoints`, `update of attempts on pullwright.runs`
   * @returns how often they failed so far
   */
  failNext(kind: string, sqlState: string, times: number): Promise<() => Promise<number>>;
  drop(): Promise<void>;
}

/** An empty database on the Postgres that the whole test run shares (global-setup.mjs). */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env.TEST_POSTGRES_URL;
  if (!server) throw new Error('TEST_POSTGRES_URL is not set: run the tests with npm test');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name}`);
  const url = server.replace('/postgres?', `/${name}?`);
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  // Its connections are ended by `takeAway` too; the pool makes new ones.
  pool.on('error', () => {});
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
      // A sequence counts on when what counted is rolled back.
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
