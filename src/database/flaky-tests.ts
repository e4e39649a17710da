import { type Queryable, rowsOf } from './queryable.js';

/** Maximum number of tests that one measurement adds. */
const maxAdded = 100;
/** A test that was not flaky again in this time counts as mended. */
const memory = "interval '60 days'";

/** Reads the ids of a repository's tests that recently had two results on the same code. */
export async function readFlakyTests(db: Queryable, repositoryId: number): Promise<Set<string>> {
  const rows = await rowsOf<{ test: string }>(
    db,
    `select test from pullwright.flaky_tests where repository_id = $1 and seen_at > now() - ${memory}`,
    [repositoryId],
  );
  return new Set(rows.map(({ test }) => test));
}

/** Records tests that had two results on the same code. The function is idempotent. */
export async function recordFlakyTests(
  db: Queryable,
  repositoryId: number,
  tests: readonly string[],
): Promise<void> {
  if (tests.length === 0) return;
  await rowsOf(
    db,
    `insert into pullwright.flaky_tests (repository_id, test)
     select $1, unnest($2::text[]) on conflict (repository_id, test) do update set seen_at = now()`,
    [repositoryId, [...new Set(tests)].slice(0, maxAdded)],
  );
}
