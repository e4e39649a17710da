import type { IssueKey } from '../runs/run.js';
import type { Trigger } from '../task/task.js';
import { type Queryable, rowsOf } from './queryable.js';

/**
 * What the bot's runs for one issue have created on GitHub. A field is null if they have not created it yet.
 */
export interface IssueRecord {
  progressCommentId: number | null;
  pullRequest: number | null;
  /** The last commit that the bot pushed to its branch. */
  pushedCommit: string | null;
}

export async function readIssue(db: Queryable, key: IssueKey): Promise<IssueRecord> {
  const sql = 'select * from pullwright.issues where repository_id = $1 and number = $2';
  const [row] = await rowsOf(db, sql, [key.repositoryId, key.number]);
  return {
    progressCommentId: row?.progress_comment_id ? Number(row.progress_comment_id) : null,
    pullRequest: row?.pull_request ?? null,
    pushedCommit: row?.pushed_commit ?? null,
  };
}

/** Sets the given fields. A field that is missing or null keeps its stored value. */
export async function updateIssue(db: Queryable, key: IssueKey, change: Partial<IssueRecord>): Promise<void> {
  await rowsOf(
    db,
    `insert into pullwright.issues as i (repository_id, number, progress_comment_id, pull_request, pushed_commit)
     values ($1, $2, $3, $4, $5)
     on conflict (repository_id, number) do update set
       progress_comment_id = coalesce(excluded.progress_comment_id, i.progress_comment_id),
       pull_request = coalesce(excluded.pull_request, i.pull_request),
       pushed_commit = coalesce(excluded.pushed_commit, i.pushed_commit)`,
    [
      key.repositoryId,
      key.number,
      change.progressCommentId ?? null,
      change.pullRequest ?? null,
      change.pushedCommit ?? null,
    ],
  );
}

/**
 * Finds the number of the issue that a trigger is about. A trigger on a pull request of the bot is about the
 * issue that the pull request solves.
 * @returns null if the trigger is on a pull request that is not the bot's
 */
export async function findIssue(db: Queryable, trigger: Trigger): Promise<number | null> {
  const { repository, issue } = trigger;
  if (!trigger.onPullRequest) return issue.number;
  // The bot pushes a commit and then opens the pull request. If CI fails before the bot has recorded the pull
  // request, only the commit identifies the issue.
  const commit = trigger.kind === 'ci-failure' ? trigger.headSha : null;
  const [row] = await rowsOf(
    db,
    `select number from pullwright.issues
     where repository_id = $1 and (pull_request = $2 or (pull_request is null and pushed_commit = $3))`,
    [repository.id, issue.number, commit],
  );
  return row?.number ?? null;
}

/** Returns whether `commit` is the last commit that the bot pushed for the issue. */
export async function isOwnCommit(
  db: Queryable,
  { repositoryId, number }: IssueKey,
  commit: string,
): Promise<boolean> {
  const sql = 'select from pullwright.issues where repository_id = $1 and number = $2 and pushed_commit = $3';
  return (await rowsOf(db, sql, [repositoryId, number, commit])).length > 0;
}
