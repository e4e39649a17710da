import { type Queryable, rowsOf } from './queryable.js';

/**
 * Reads how far the named periodic searches have come.
 * @returns a map from the name of a search to the time up to which it has searched. The map does not contain
 * searches that never ran.
 */
export async function readWatermarks(db: Queryable, names: readonly string[]): Promise<Map<string, Date>> {
  const found = await rowsOf(db, 'select name, at from pullwright.watermarks where name = any($1)', [names]);
  return new Map(found.map(({ name, at }) => [name, at]));
}

export async function setWatermark(db: Queryable, name: string, at: Date): Promise<void> {
  await rowsOf(
    db,
    `insert into pullwright.watermarks (name, at) values ($1, $2)
     on conflict (name) do update set at = excluded.at`,
    [name, at],
  );
}
