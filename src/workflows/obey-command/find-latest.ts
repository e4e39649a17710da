import { findIssue } from '../../database/issues.js';
import type { Queryable } from '../../database/queryable.js';
import { findLatestRun, findRun, listEarlierRuns } from '../../database/runs.js';
import type { IssueKey, Run } from '../../runs/run.js';
import type { Trigger } from '../../task/task.js';

/**
 * Finds the issue that a command is about. A command on the bot's pull request is about the issue that the
 * pull request solves.
 */
export async function findKey(db: Queryable, trigger: Trigger): Promise<IssueKey> {
  const number = (await findIssue(db, trigger)) ?? trigger.issue.number;
  return { repositoryId: trigger.repository.id, number };
}

/** Returns the newest run of an issue. A run that had nothing to do, and said nothing, does not count. */
export async function findLatest(db: Queryable, trigger: Trigger): Promise<Run | null> {
  const key = await findKey(db, trigger);
  const id = await findLatestRun(db, key);
  const latest = id ? await findRun(db, id) : null;
  if (!latest || !isSuperseded(latest)) return latest;
  for (const earlier of await listEarlierRuns(db, key, latest.id)) {
    const run = await findRun(db, earlier);
    if (run && !isSuperseded(run)) return run;
  }
  return latest;
}

function isSuperseded({ outcome }: Run): boolean {
  return outcome?.kind === 'stopped' && outcome.superseded === true;
}

/**
 * GitHub rounds its times to whole seconds. If two times differ by no more than this, their order is unknown.
 */
const nearMs = 2000;

/**
 * Returns whether a request is newer than a command. A command's delivery can arrive days late, and the
 * command must not affect newer requests.
 */
export function isLaterThan(request: Trigger, command: Trigger): boolean {
  return Date.parse(request.at) > Date.parse(command.at) + nearMs;
}
