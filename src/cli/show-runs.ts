import type { Config } from '../config/read-config.js';
import { openDatabase } from '../database/connection/open-database.js';
import { readEvents } from '../database/run-events.js';
import { findRun, listRuns } from '../database/runs.js';
import { createLog } from '../log.js';
import type { Run } from '../runs/run.js';
import type { RunEvent } from '../runs/run-event.js';

/**
 * The operator's view from the shell: the latest runs, or everything that one run did.
 * @returns the exit code
 */
export async function showRuns(
  config: Config,
  id: string | null,
  print: (line: string) => void,
): Promise<number> {
  const database = await openDatabase({ ...config, log: createLog('warn', []) });
  try {
    const db = database.pool;
    if (id === null) {
      for (const run of await listRuns(db, 50)) print(describeRun(run));
      return 0;
    }
    const run = /^[0-9a-f-]{36}$/i.test(id) ? await findRun(db, id) : null;
    if (!run) {
      print(`run: expected the id of a run, as \`pullwright runs\` lists them; "${id}" is none`);
      return 1;
    }
    print(describeRun(run));
    for (const { at, event } of await readEvents(db, run.id))
      print(`  ${at.toISOString()}  ${describeEvent(event)}`);
    return 0;
  } finally {
    await database.close({ stopServer: database.ownsServer });
  }
}

function describeRun({ id, trigger, status, outcome, createdAt }: Run): string {
  const issue = `${trigger.repository.owner}/${trigger.repository.name}#${trigger.issue.number}`;
  return `${id}  ${createdAt.toISOString()}  ${issue}  ${outcome ? JSON.stringify(outcome) : status}`;
}

function describeEvent({ type, ...rest }: RunEvent): string {
  return `${type}  ${JSON.stringify(rest)}`;
}
