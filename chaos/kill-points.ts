import type { ChaosWorld } from './start-chaos-world.js';

/** A moment in a workflow at which the app can be killed. */
export interface KillPoint {
  /** Name of the workflow: `work-on-run` or `accept-trigger`. */
  workflow: string;
  /**
   * Name under which a step is stored in the database, or a status change of the whole workflow: `is queued`,
   * `is started` or `is ended`.
   */
  step: string;
  /**
   * Number of the step within its workflow. The value -1 means a status change of the whole workflow. Null
   * means the first step with this name.
   */
  position: number | null;
  /**
   * `before`: the step has run, but Postgres has not stored its result. `after`: Postgres has stored the
   * result, but the app does not know that yet and has not started the next step.
   */
  when: 'before' | 'after';
}

export function describeKillPoint({ workflow, step, position, when }: KillPoint): string {
  if (position === null) return `${when} ${step} of ${workflow}`;
  return position < 0 ? `${when} ${workflow} ${step}` : `${when} step ${position} (${step}) of ${workflow}`;
}

/** Lists the kill points of all workflows for one issue, in the order in which a run reaches them. */
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
