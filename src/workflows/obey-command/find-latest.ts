import { findIssue } from '../../database/issues.js';
import type { Queryable } from '../../database/queryable.js';
import { findLatestRun, findRun } from '../../database/runs.js';
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

export async function findLatest(db: Queryable, trigger: Trigger): Promise<Run | null> {
  const id = await findLatestRun(db, await findKey(db, trigger));
  return id ? findRun(db, id) : null;
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
