import type { ChaosWorld } from './start-chaos-world.js';

/** A point in the life of a workflow at which the app can be killed. */
export interface KillPoint {
  /** `work-on-run` or `accept-trigger`. */
  workflow: string;
  /** The stored name of a step, or a change of the workflow itself: `is queued`, `is started`, `is ended`. */
  step: string;
  /**
   * The number of the step within its workflow. -1: a change of the workflow itself; null: whichever step of
   * that name comes first.
   */
  position: number | null;
  /**
   * `before`: the step has executed, and Postgres has not stored its result. `after`: Postgres has stored the
   * result, the app does not know that yet, and the next step has not started.
   */
  when: 'before' | 'after';
}

export function describeKillPoint({ workflow, step, position, when }: KillPoint): string {
  if (position === null) return `${when} ${step} of ${workflow}`;
  return position < 0 ? `${when} ${workflow} ${step}` : `${when} step ${position} (${step}) of ${workflow}`;
}

/**
 * Lists the kill points of everything that was done for one issue, in the order in which a run reaches them.
 */
export async function listKillPoints(world: ChaosWorld, name: string, number: number): Promise<KillPoint[]> {
  const places = await world.withDatabase(async (client) => {
    const { rows } = await client.query<Omit<KillPoint, 'when'>>(
      `with own as (
         select id::text as run, 'accept-' || delivery_id as accept from pullwright.runs
         where repository = $1 and issue_number = $2
       ), found as (
         select workflow_uuid, name as workflow, workflow_uuid = run as is_run
         from dbos.workflow_status, own where workflow_uuid in (run, accept)
       ), places as (
         select is_run, workflow, function_name as step, function_id as position, function_id as place
         from dbos.operation_outputs join found using (workflow_uuid)
         union all select is_run, workflow, 'is queued', -1, -2 from found
         union all select is_run, workflow, 'is started', -1, -1 from found
         union all select is_run, workflow, 'is ended', -1, 1000000 from found
       )
       select workflow, step, position from places order by is_run, place`,
      [name, number],
    );
    return rows;
  });
  return places.flatMap((place) => [
    { ...place, when: 'before' as const },
    { ...place, when: 'after' as const },
  ]);
}
