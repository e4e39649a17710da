import type { IssueKey } from '../runs/run.js';
import { RunEvent } from '../runs/run-event.js';
import { type Queryable, rowsOf } from './queryable.js';

/**
 * SQL condition that is true if the run is live and has not read the failed checks yet. Such a run will still
 * read them.
 */
const willReadChecks = `(status <> 'settled' and not exists (
  select from pullwright.run_events where run_id = runs.id and key = 'checks-failed'))`;

/** What the runs of one issue know about the failed checks of one commit. */
export interface LookedAt {
  /** Names of the failed checks that these runs have read. */
  names: string[];
  /** The number of runs that have read the checks, or that settled without reading them. */
  runs: number;
  /**
   * Whether a live run will still read the checks. That run will read every check that has failed by then.
   */
  isAwaited: boolean;
}

/**
 * Returns what the issue's runs know about the failed checks of the commit `headSha`.
 * @param exceptDeliveryId the run of this delivery is ignored; null ignores no run
 */
export async function findLookedAt(
  db: Queryable,
  { repositoryId, number }: IssueKey,
  headSha: string,
  exceptDeliveryId: string | null = null,
): Promise<LookedAt> {
  const found = await rowsOf(
    db,
    `select event, ${willReadChecks} as will_read
     from pullwright.runs left join pullwright.run_events on run_id = runs.id and key = 'checks-failed'
     where repository_id = $1 and issue_number = $2 and delivery_id is distinct from $4
       and trigger ->> 'kind' = 'ci-failure' and trigger ->> 'headSha' = $3`,
    [repositoryId, number, headSha, exceptDeliveryId],
  );
  const looks = found.filter(({ will_read }) => !will_read);
  return {
    names: looks.flatMap(({ event }) => {
      const read = event ? RunEvent.parse(event) : null;
      return read?.type === 'checks-failed'
        ? [...read.failed.map((check) => check.name), ...read.onBase]
        : [];
    }),
    runs: looks.length,
    isAwaited: looks.length < found.length,
  };
}

/**
 * Counts the issue's runs that were started by CI failures. The count starts again at 0 when a person makes a
 * request, such as `/retry`. A run for a merge conflict does not reset the count, because another run
 * requested it. The count leaves out (1) superseded runs, which did nothing, and (2) live runs that have not
 * read the failed checks yet. A run and its restart count as one run.
 */
export async function countRunsForCiFailures(
  db: Queryable,
  { repositoryId, number }: IssueKey,
): Promise<number> {
  const [row] = await rowsOf(
    db,
    `with of_issue as (
       select runs.created_at, deliveries.trigger ->> 'kind' as kind,
         event <> 'restart' and not ${willReadChecks} and outcome ->> 'superseded' is null as counts
       from pullwright.runs join pullwright.deliveries on deliveries.id = delivery_id
       where repository_id = $1 and issue_number = $2)
     select count(*)::int as count from of_issue where kind = 'ci-failure' and counts
       and created_at > all (select created_at from of_issue where kind not in ('ci-failure', 'conflict'))`,
    [repositoryId, number],
  );
  return row?.count ?? 0;
}
