import { findRun } from '../../../database/runs.js';
import { fieldsOfRun, type RunFields } from '../../../runs/log-fields.js';
import type { Dependencies } from '../../dependencies.js';

/** Finds the log fields of a run by its id. If the run does not exist, returns only the id. */
export async function findLogFields(
  { db }: Pick<Dependencies, 'db'>,
  runId: string,
): Promise<RunFields | { run: string }> {
  const run = await findRun(db, runId);
  return run ? fieldsOfRun(run) : { run: runId };
}
