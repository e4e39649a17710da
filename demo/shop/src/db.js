import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

/** Amounts are whole cents below 2^53, so a bigint fits a JavaScript number. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/**
 * @typedef {object} Transaction
 * @property {(sql: string, values?: unknown[]) => Promise<{ rows: Record<string, any>[] }>} query
 * @property {(sql: string) => Promise<unknown>} exec runs several statements, without values
 */
/**
 * @typedef {object} Connections
 * @property {<T>(work: (tx: Transaction) => Promise<T>) => Promise<T>} transaction runs the work on one
 * connection; commits when it resolves, and rolls back when it rejects
 * @property {() => Promise<void>} close
 */
/** @typedef {Transaction & Connections} Database */
/** @typedef {{ name: string, sql: string, checksum: string }} Migration */

export const MIGRATIONS_DIR = fileURLToPath(new URL('../migrations/', import.meta.url));

/** Returns `DATABASE_URL`, or the URL of the database in compose.yaml. */
export function databaseUrl() {
  return process.env.DATABASE_URL ?? 'postgres://shop:shop@localhost:5432/shop';
}

/**
 * @param {string} url such as postgres://user:password@host:5432/database
 * @returns {Database}
 */
export function openDatabase(url) {
  const pool = new pg.Pool({ connectionString: url });
  return {
    query: (sql, values) => pool.query(sql, values),
    exec: (sql) => pool.query(sql),
    transaction: async (work) => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        const result = await work({
          query: (sql, values) => client.query(sql, values),
          exec: (sql) => client.query(sql),
        });
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback');
        throw error;
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}

/**
 * Reads the migrations of a folder, in the order in which they are applied.
 *
 * @param {string} [dir]
 * @returns {Promise<Migration[]>}
 */
export async function readMigrations(dir = MIGRATIONS_DIR) {
  const files = (await readdir(dir)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file, index) => {
      const number = String(index + 1).padStart(4, '0');
      if (!/^\d{4}_[a-z0-9_]+\.sql$/.test(file) || !file.startsWith(number)) {
        throw new Error(`Migration ${file}: expected the name ${number}_<name>.sql`);
      }
      const sql = await readFile(join(dir, file), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { name: file.slice(0, -'.sql'.length), sql, checksum };
    }),
  );
}

/**
 * Applies all missing migrations in one transaction.
 *
 * @param {Database} db
 * @param {{ dir?: string, to?: string }} [options] `to` is the name of the last migration to apply
 * @returns {Promise<string[]>} the names of the migrations that this call applied
 * @throws {Error} when an applied migration was edited or removed
 */
export async function migrate(db, { dir = MIGRATIONS_DIR, to } = {}) {
  const migrations = await readMigrations(dir);
  return db.transaction(async (tx) => {
    await tx.exec(`
      create table if not exists schema_migrations (
        name       text        primary key,
        checksum   text        not null,
        applied_at timestamptz not null default now()
      )`);
    const { rows } = await tx.query('select name, checksum from schema_migrations order by name');
    rows.forEach((row, index) => {
      const migration = migrations[index];
      if (migration?.name !== row.name) throw new Error(`Migration ${row.name} was applied, but is missing`);
      if (migration.checksum !== row.checksum) {
        throw new Error(`Migration ${row.name} was edited after it was applied`);
      }
    });

    const applied = [];
    for (const { name, sql, checksum } of migrations.slice(rows.length)) {
      if (to !== undefined && name > to) break;
      await tx.exec(sql);
      await tx.query('insert into schema_migrations (name, checksum) values ($1, $2)', [name, checksum]);
      applied.push(name);
    }
    return applied;
  });
}
