import type { TestDatabase } from '../test/support/test-database.js';

/** What one run leaves in Postgres, in kB. */
export interface Stored {
  /** Inputs and outputs of the engine's workflow and steps. */
  engineKb: number;
  steps: number;
  /** Of `ask`: the replies; a conversation that was kept again at every turn would show here. */
  askKb: number;
  actKb: number;
  eventsKb: number;
  checkpointsKb: number;
  checkpoints: number;
}

export async function readStored(database: TestDatabase, runId: string): Promise<Stored> {
  const [row] = await database.query<{ [name in keyof Stored]: string | null }>(
    `select
      ((select sum(octet_length(output)) from dbos.operation_outputs where workflow_uuid = $1)
        + (select coalesce(octet_length(inputs), 0) from dbos.workflow_status where workflow_uuid = $1)) / 1024 as "engineKb",
      (select count(*) from dbos.operation_outputs where workflow_uuid = $1) as steps,
      (select sum(octet_length(output)) / 1024 from dbos.operation_outputs where workflow_uuid = $1 and function_name = 'ask') as "askKb",
      (select sum(octet_length(output)) / 1024 from dbos.operation_outputs where workflow_uuid = $1 and function_name = 'act') as "actKb",
      (select sum(octet_length(event::text)) / 1024 from pullwright.run_events where run_id::text = $1) as "eventsKb",
      (select sum(octet_length(bundle)) / 1024 from pullwright.checkpoints where run_id::text = $1) as "checkpointsKb",
      (select count(*) from pullwright.checkpoints where run_id::text = $1) as checkpoints`,
    [runId],
  );
  if (!row) throw new Error(`bench: nothing is stored of run ${runId}`);
  const number = (name: keyof Stored) => Number(row[name] ?? 0);
  return {
    engineKb: number('engineKb'),
    steps: number('steps'),
    askKb: number('askKb'),
    actKb: number('actKb'),
    eventsKb: number('eventsKb'),
    checkpointsKb: number('checkpointsKb'),
    checkpoints: number('checkpoints'),
  };
}
