import { findRun } from '../../../database/runs.js';
import { fieldsOfRun, type RunFields } from '../../../runs/log-fields.js';
import type { Dependencies } from '../../dependencies.js';

/** The fields of a log line about a run of which only the id is known. */
export async function findLogFields(
  { db }: Pick<Dependencies, 'db'>,
  runId: string,
): Promise<RunFields | { run: string }> {
  const run = await findRun(db, runId);
  return run ? fieldsOfRun(run) : { run: runId };
}
