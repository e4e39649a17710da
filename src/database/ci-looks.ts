import type { IssueKey } from '../runs/run.js';
import { RunEvent } from '../runs/run-event.js';
import { type Queryable, rowsOf } from './queryable.js';

/** A live run has not read the failed checks yet and will read them. */
const willReadChecks = `(status <> 'settled' and not exists (
  select from pullwright.run_events where run_id = runs.id and key = 'checks-failed'))`;

/** What our runs know about the failed checks of one commit. */
export interface LookedAt {
  /** The names of the checks that runs have read. */
  names: string[];
  /** How many runs have read the checks, or settled without reading them. */
  runs: number;
  /** Whether a run will still read the checks. It will find all that have failed by then. */
  isAwaited: boolean;
}

/** @param exceptDeliveryId the run of this delivery does not count */
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
 * How many runs have looked at CI failures of the issue since a person last requested something, including a
 * `/retry`. A conflict does not reset the count, because a run finds it. Superseded runs do not count,
 * because they looked at nothing, and a restarted run counts once.
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
