import { implementIssueSteps } from '../src/workflows/implement-issue/steps.js';
import type { TestDatabase } from '../test/support/test-database.js';

/** Size of the data that one run stores in Postgres, in kB. */
export interface Stored {
  /** Size of the workflow's input and of the outputs of its steps, as the workflow engine stores them. */
  engineKb: number;
  steps: number;
  /**
   * Size of the model's replies. It would grow quadratically with the number of turns if each turn stored the
   * whole conversation.
   */
  askKb: number;
  actKb: number;
  eventsKb: number;
  checkpointsKb: number;
  checkpoints: number;
}

export async function readStored(database: TestDatabase, runId: string): Promise<Stored> {
  const { ask, act } = implementIssueSteps;
  const [row] = await database.query<{ [name in keyof Stored]: string | null }>(
    `with steps as (
       select function_name as name, octet_length(output) as bytes
       from dbos.operation_outputs where workflow_uuid = $1
     )
     select
       ((select sum(bytes) from steps)
         + (select coalesce(octet_length(inputs), 0) from dbos.workflow_status where workflow_uuid = $1)
       ) / 1024 as "engineKb",
       (select count(*) from steps) as steps,
       (select sum(bytes) / 1024 from steps where name = $2) as "askKb",
       (select sum(bytes) / 1024 from steps where name = $3) as "actKb",
       (select sum(octet_length(event::text)) / 1024 from pullwright.run_events
         where run_id::text = $1) as "eventsKb",
       (select sum(octet_length(bundle)) / 1024 from pullwright.checkpoints
         where run_id::text = $1) as "checkpointsKb",
       (select count(*) from pullwright.checkpoints where run_id::text = $1) as checkpoints`,
    [runId, ask.name, act.name],
  );
  if (!row) throw new Error(`bench: Postgres has stored nothing of run ${runId}`);
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
