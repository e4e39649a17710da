import { readIssue } from '../../../database/issues.js';
import type { Queryable } from '../../../database/queryable.js';
import type { Trigger } from '../../../task/task.js';

/**
 * Returns the address of the progress comment on the issue or pull request of a trigger.
 * @returns null if there is no comment yet, or if the delivery did not contain the address of the page
 */
export async function findProgressLink(
  db: Queryable,
  { repository, issue }: Trigger,
): Promise<string | null> {
  const key = { repositoryId: repository.id, number: issue.number };
  const { progressCommentId: id } = await readIssue(db, key);
  return id === null || issue.url === '' ? null : `${issue.url}#issuecomment-${id}`;
}
