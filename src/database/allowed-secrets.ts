import type { AllowedPlace } from '../runs/allowed-place.js';
import type { IssueKey } from '../runs/run.js';
import { type Queryable, rowsOf } from './queryable.js';

/**
 * Reads the places where people allowed text that looks like a credential. Such a permission applies only to
 * changes for this issue.
 */
export async function readAllowedPlaces(db: Queryable, key: IssueKey): Promise<AllowedPlace[]> {
  const sql = 'select path, line from pullwright.allowed_secrets where repository_id = $1 and number = $2';
  const rows = await rowsOf(db, sql, [key.repositoryId, key.number]);
  return rows.map(({ path, line }) => ({ path, line: line === 0 ? null : line }));
}

/**
 * Records a place where a person allowed text that looks like a credential. The function is idempotent.
 */
export async function allowPlace(
  db: Queryable,
  key: IssueKey,
  { path, line }: AllowedPlace,
  by: string,
): Promise<void> {
  await rowsOf(
    db,
    `insert into pullwright.allowed_secrets (repository_id, number, path, line, allowed_by)
     values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [key.repositoryId, key.number, path, line ?? 0, by],
  );
}
