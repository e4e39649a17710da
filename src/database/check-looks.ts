import { RunEvent } from '../runs/run-event.js';
import type { rowsOf } from './rows-of.js';
import type { IssueKey } from './run-store.js';

/** A live run that has read no failed checks; one about them will. */
const readsChecksYet = `(status <> 'settled' and not exists (
  select from pullwright.run_events where run_id = runs.id and key = 'checks-failed'))`;

/** What is known of the failed checks of one commit. */
interface LookedAt {
  names: string[];
  /** How many have read them, or ended. */
  runs: number;
  isAwaited: boolean;
}

/** Which failed checks runs have looked at, as part of the control store. */
export function createCheckLooks(rows: ReturnType<typeof rowsOf>) {
  return {
    /**
     * What runs have looked at of the checks that failed on this commit; `isAwaited`: one of them has still to read them, and will
     * find all that failed by then.
     * @param butFor a delivery whose own run does not count
     */
    async findLookedAt(
      { repositoryId, number }: IssueKey,
      headSha: string,
      butFor: string | null = null,
    ): Promise<LookedAt> {
      const found = await rows(
        `select event, ${readsChecksYet} as reads_yet
         from pullwright.runs left join pullwright.run_events on run_id = runs.id and key = 'checks-failed'
         where repository_id = $1 and issue_number = $2 and delivery_id is distinct from $4
           and trigger ->> 'kind' = 'ci-failure' and trigger ->> 'headSha' = $3`,
        [repositoryId, number, headSha, butFor],
      );
      const looks = found.filter(({ reads_yet }) => !reads_yet);
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
    },

    /**
     * How many runs have looked at failed checks since people last asked for something, were it a /retry. A conflict is found by
     * a run, so it does not begin the count anew. Those that gave way have looked at nothing, and one that is begun again counts once.
     */
    async countRunsForChecks({ repositoryId, number }: IssueKey): Promise<number> {
      const [row] = await rows(
        `with of_issue as (
           select runs.created_at, deliveries.trigger ->> 'kind' as kind,
             event <> 'restart' and not ${readsChecksYet} and outcome ->> 'superseded' is null as counts
           from pullwright.runs join pullwright.deliveries on deliveries.id = delivery_id
           where repository_id = $1 and issue_number = $2)
         select count(*)::int as count from of_issue where kind = 'ci-failure' and counts
           and created_at > all (select created_at from of_issue where kind not in ('ci-failure', 'conflict'))`,
        [repositoryId, number],
      );
      return row?.count ?? 0;
    },
  };
}
