import { findIssue } from '../../database/issues.js';
import type { Queryable } from '../../database/queryable.js';
import { findLatestRun, findRun } from '../../database/runs.js';
import type { IssueKey, Run } from '../../runs/run.js';
import type { Trigger } from '../../task/task.js';

/** The issue that a command is about: the one it was written on, or the one that its pull request is for. */
export async function findKey(db: Queryable, trigger: Trigger): Promise<IssueKey> {
  const number = (await findIssue(db, trigger)) ?? trigger.issue.number;
  return { repositoryId: trigger.repository.id, number };
}

export async function findLatest(db: Queryable, trigger: Trigger): Promise<Run | null> {
  const id = await findLatestRun(db, await findKey(db, trigger));
  return id ? findRun(db, id) : null;
}

/** GitHub's times have whole seconds. */
const nearMs = 2000;

/** A delivery may arrive days late. It does not apply to requests that were made after it. */
export function isLaterThan(request: Trigger, command: Trigger): boolean {
  return Date.parse(request.at) > Date.parse(command.at) + nearMs;
}
