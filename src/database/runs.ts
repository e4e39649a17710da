import type { Outcome } from '../runs/outcome.js';
import { type IssueKey, Run } from '../runs/run.js';
import type { Person, Trigger } from '../task/task.js';
import { type Queryable, rowsOf } from './queryable.js';

/*
 * Reads and writes the table `runs`. Every write is idempotent, because a step runs again after a crash.
 */

/** A run that is not settled. */
export interface LiveRun {
  id: string;
  status: 'queued' | 'running';
}

/**
 * Creates the run of a delivery. A run of `implement-issue` is not created if the issue already has a live
 * run. A run of `answer-review` is always created, because it waits for the runs before it.
 * @returns the run, even if an earlier call created it; or the id of the live run that occupies the issue
 */
export async function reserveRun(
  db: Queryable,
  id: string,
  trigger: Trigger,
  workflow: Run['workflow'] = 'implement-issue',
  issueNumber: number = trigger.issue.number,
): Promise<{ run: Run } | { busyWith: string }> {
  const { repository } = trigger;
  await rowsOf(
    db,
    `insert into pullwright.runs
       (id, delivery_id, repository_id, repository, issue_number, requested_by, trigger, workflow, status)
     select $1, $2, $3, $4, $5, $6, $7, $8, 'queued'
     where $8 <> 'implement-issue' or not exists (
       select from pullwright.runs where repository_id = $3 and issue_number = $5 and status <> 'settled')
     on conflict do nothing`,
    [
      id,
      trigger.deliveryId,
      repository.id,
      `${repository.owner}/${repository.name}`,
      issueNumber,
      trigger.sender.login,
      trigger,
      workflow,
    ],
  );
  const own = await findRun(db, id);
  if (own) return { run: own };
  const [live] = await listLiveRuns(db, { repositoryId: repository.id, number: issueNumber });
  // If no live run is found, the run that prevented the insert has settled since then. The next attempt can
  // then create the new run.
  return live ? { busyWith: live.id } : reserveRun(db, id, trigger, workflow, issueNumber);
}

export async function findRun(db: Queryable, id: string): Promise<Run | null> {
  const [row] = await rowsOf(db, 'select * from pullwright.runs where id = $1', [id]);
  return row ? toRun(row) : null;
}

/** Lists the runs of all repositories, newest first. Returns at most `limit` runs. */
export async function listRuns(db: Queryable, limit: number): Promise<Run[]> {
  const sql = 'select * from pullwright.runs order by created_at desc limit $1';
  return (await rowsOf(db, sql, [limit])).map(toRun);
}

/** Lists the ids of the live runs of all repositories. */
export async function listLiveRunIds(db: Queryable): Promise<string[]> {
  return idsOf(await rowsOf(db, "select id from pullwright.runs where status <> 'settled'"));
}

/** Lists the live runs of one issue, oldest first. */
export async function listLiveRuns(db: Queryable, { repositoryId, number }: IssueKey): Promise<LiveRun[]> {
  return rowsOf<LiveRun>(
    db,
    `select id, status from pullwright.runs
     where repository_id = $1 and issue_number = $2 and status <> 'settled' order by created_at`,
    [repositoryId, number],
  );
}

/** Returns the id of the issue's newest run. A superseded run counts only if there is no other. */
export async function findLatestRun(
  db: Queryable,
  { repositoryId, number }: IssueKey,
): Promise<string | null> {
  const [row] = await rowsOf(
    db,
    `select id from pullwright.runs where repository_id = $1 and issue_number = $2
     order by outcome -> 'superseded' is not null, created_at desc limit 1`,
    [repositoryId, number],
  );
  return row?.id ?? null;
}

/** Lists the ids of the issue's runs that are older than `runId`. Returns at most twenty, newest first. */
export async function listEarlierRuns(
  db: Queryable,
  { repositoryId, number }: IssueKey,
  runId: string,
): Promise<string[]> {
  return idsOf(
    await rowsOf(
      db,
      `select id from pullwright.runs where repository_id = $1 and issue_number = $2 and id <> $3
         and created_at <= (select created_at from pullwright.runs where id = $3)
       order by created_at desc limit 20`,
      [repositoryId, number, runId],
    ),
  );
}

/**
 * Lists the ids of the live runs whose workflow ended with an error. Such an error is a bug in Pullwright. No
 * worker continues these runs, and each of them prevents new runs for its issue.
 * @param workflow the name of the workflow that works on runs
 */
export async function listCrashedRuns(db: Queryable, workflow: string): Promise<string[]> {
  return idsOf(
    await rowsOf(
      db,
      `select runs.id from pullwright.runs
         join dbos.workflow_status on split_part(workflow_uuid, '@', 1) = runs.id::text and name = $1
       where runs.status <> 'settled' and workflow_status.status = 'ERROR'`,
      [workflow],
    ),
  );
}

/** Returns whether the repository has a live run. */
export async function isRepositoryBusy(db: Queryable, repositoryId: number): Promise<boolean> {
  const sql = "select from pullwright.runs where repository_id = $1 and status <> 'settled' limit 1";
  return (await rowsOf(db, sql, [repositoryId])).length > 0;
}

/** Returns the numbers of the repository's issues that have a live run. */
export async function listBusyIssues(db: Queryable, repositoryId: number): Promise<Set<number>> {
  const sql = "select issue_number from pullwright.runs where repository_id = $1 and status <> 'settled'";
  return new Set((await rowsOf(db, sql, [repositoryId])).map((row) => row.issue_number));
}

/** Returns whether the issue has ever had a run, live or settled. */
export async function hasRuns(db: Queryable, { repositoryId, number }: IssueKey): Promise<boolean> {
  const sql = 'select from pullwright.runs where repository_id = $1 and issue_number = $2 limit 1';
  return (await rowsOf(db, sql, [repositoryId, number])).length > 0;
}

/** Counts the live runs, of all repositories, that are older than the given run. */
export async function countAhead(db: Queryable, id: string): Promise<number> {
  const [row] = await rowsOf(
    db,
    `select count(*)::int as ahead from pullwright.runs
     where status <> 'settled' and (created_at, id) < (select created_at, id from pullwright.runs where id = $1)`,
    [id],
  );
  return row?.ahead ?? 0;
}

/** Marks a queued run as running. Does nothing when the run is not queued. */
export async function markRunning(db: Queryable, id: string): Promise<void> {
  await rowsOf(
    db,
    `update pullwright.runs set status = 'running', started_at = coalesce(started_at, now())
     where id = $1 and status = 'queued'`,
    [id],
  );
}

/** Settles the run. Does nothing if the run is already settled, so that the first outcome stays. */
export async function recordOutcome(db: Queryable, id: string, outcome: Outcome): Promise<void> {
  await rowsOf(
    db,
    `update pullwright.runs set status = 'settled', outcome = $2, settled_at = now()
     where id = $1 and status <> 'settled'`,
    [id, outcome],
  );
}

/**
 * Records the outcome of a run that is still queued.
 * @returns false when the run has already started or settled
 */
export async function settleQueuedRun(db: Queryable, id: string, outcome: Outcome): Promise<boolean> {
  const settled = await rowsOf(
    db,
    `update pullwright.runs set status = 'settled', outcome = $2, settled_at = now(), held_reason = null
     where id = $1 and status = 'queued' returning id`,
    [id, outcome],
  );
  return settled.length > 0;
}

/**
 * Lists the runs that wait to answer another review of the same person on the same pull request, oldest
 * first. Leaves out runs that have not been announced yet, because their announcement would come later.
 */
export async function listQueuedReviews(
  db: Queryable,
  { trigger, issueNumber, id }: Pick<Run, 'trigger' | 'issueNumber' | 'id'>,
): Promise<string[]> {
  const rows = await rowsOf(
    db,
    `select id from pullwright.runs
     where repository_id = $1 and issue_number = $2 and trigger #>> '{sender,id}' = $3 and id <> $4
       and trigger #>> '{issue,number}' = $5 and trigger ->> 'kind' = 'review'
       and status = 'queued' and announced_at is not null
     order by created_at`,
    [trigger.repository.id, issueNumber, String(trigger.sender.id), id, String(trigger.issue.number)],
  );
  return rows.map((row) => row.id);
}

/** Returns the id of the run that a delivery created, or null. */
export async function findRunOfDelivery(db: Queryable, deliveryId: string): Promise<string | null> {
  const [row] = await rowsOf(db, 'select id from pullwright.runs where delivery_id = $1', [deliveryId]);
  return row?.id ?? null;
}

/** Finds the person who last requested work on the issue. An answer to a question is not a request. */
export async function findRequester(
  db: Queryable,
  { repositoryId, number }: IssueKey,
): Promise<Person | null> {
  const [row] = await rowsOf(
    db,
    `select trigger -> 'sender' as sender from pullwright.runs
     where repository_id = $1 and issue_number = $2 and trigger ->> 'kind' <> 'answer'
     order by created_at desc limit 1`,
    [repositoryId, number],
  );
  return row?.sender ?? null;
}

/**
 * Returns whether the issue's newest settled run ended before its work was done, because (1) people stopped
 * it, possibly before it started, (2) its budget was used up, or (3) its agent gave up. In these cases, the
 * bot does not continue on its own, because people decide what happens next. Superseded runs are ignored.
 */
export async function wasCutShort(db: Queryable, { repositoryId, number }: IssueKey): Promise<boolean> {
  const [row] = await rowsOf(
    db,
    `select stop is not null or outcome ->> 'unfinished' = 'true'
       or started_at is null and trigger ->> 'kind' = 'ci-failure' as cut_short
     from pullwright.runs where repository_id = $1 and issue_number = $2 and status = 'settled'
       and outcome ->> 'superseded' is null
     order by created_at desc limit 1`,
    [repositoryId, number],
  );
  return row?.cut_short ?? false;
}

function idsOf(rows: readonly { id?: string }[]): string[] {
  return rows.flatMap(({ id }) => id ?? []);
}

function toRun(row: Record<string, unknown>): Run {
  return Run.parse({
    id: row.id,
    trigger: row.trigger,
    workflow: row.workflow,
    issueNumber: row.issue_number,
    status: row.status,
    heldReason: row.held_reason,
    outcome: row.outcome,
    createdAt: row.created_at,
    startedAt: row.started_at,
    settledAt: row.settled_at,
  });
}
