/** A migration that consists of SQL. */
export interface SqlMigration {
  /** Its path without the part that says whether a file applies or undoes it. */
  name: string;
  up: string;
  /** Null if nothing undoes it. */
  down: string | null;
}

/** Files that undo a migration: `1_a.down.sql`, `1_a.undo.sql`, `1_a/down.sql`, `U1__a.sql`. */
const undoes = /(?:\.(?:down|undo)\.sql|\/down\.sql|\/U[\d._]+__[^/]+\.sql)$/;
const applies = /(?:\.(?:up|do)\.sql|\/up\.sql)$/;
/** The lines with which dbmate, goose and others separate both parts of a file. */
const upLine = /^--\s*(?:migrate:up|\+goose up|up migration|\+migrate up)\b.*$/im;
const downLine = /^--\s*(?:migrate:down|\+goose down|down migration|\+migrate down)\b.*$/im;

export function undoesMigration(path: string): boolean {
  return undoes.test(path);
}

function nameOf(path: string): string {
  return path
    .replace(/\.(?:down|undo|up|do)\.sql$|\/(?:down|up)\.sql$/, '')
    .replace(/\/[UV](?=[\d._]+__)/, '/');
}

/** Reads SQL migrations from files, and sorts them as tools do. */
export function readSqlMigrations(files: ReadonlyMap<string, string>): SqlMigration[] {
  const downs = new Map(
    [...files].filter(([path]) => undoes.test(path)).map(([path, text]) => [nameOf(path), text]),
  );
  return [...files]
    .filter(([path]) => !undoes.test(path))
    .map(([path, text]) => {
      const end = applies.test(path) ? -1 : text.search(downLine);
      const start = text.search(upLine);
      const up = text.slice(Math.max(0, start < end || end < 0 ? start : 0), end < 0 ? undefined : end);
      const down = end < 0 ? (downs.get(nameOf(path)) ?? null) : text.slice(end);
      return { name: nameOf(path), up, down: down?.trim() ? down : null };
    })
    .sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
}
