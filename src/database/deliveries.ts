import type { IssueKey, Run } from '../runs/run.js';
import type { Trigger } from '../task/task.js';
import { type Queryable, rowsOf } from './queryable.js';

/**
 * GitHub's times have whole seconds and come from several clocks: two times this close may be the same
 * moment.
 */
const clockToleranceSeconds = 10;

/**
 * Records what a delivery asks for.
 * @returns false when the delivery was recorded before
 */
export async function recordDelivery(db: Queryable, event: string, trigger: Trigger): Promise<boolean> {
  const inserted = await rowsOf(
    db,
    `insert into pullwright.deliveries (id, event, trigger) values ($1, $2, $3)
     on conflict do nothing returning id`,
    [trigger.deliveryId, event, trigger],
  );
  return inserted.length > 0;
}

/** @param result such as `run <id>` or `refused: <reason>` */
export async function recordDeliveryResult(db: Queryable, deliveryId: string, result: string): Promise<void> {
  await rowsOf(db, 'update pullwright.deliveries set result = $2 where id = $1', [deliveryId, result]);
}

/** Lets no other transaction accept a trigger for this issue until the current transaction ends. */
export async function lockIssue(db: Queryable, { repository, issue }: Trigger): Promise<void> {
  const name = `trigger of ${repository.id}#${issue.number}`;
  await rowsOf(db, 'select pg_advisory_xact_lock(hashtextextended($1, 0))', [name]);
}

/**
 * The id of an earlier delivery that asked for exactly the same: the same comment, review or label event. Two
 * delivered label events are never the same. A label that we found on the issue ourselves (`missed-...`) is
 * the same as a delivered one when their times are close.
 */
export async function findDuplicate(db: Queryable, trigger: Trigger): Promise<string | null> {
  const { deliveryId, repository, issue, kind, at } = trigger;
  const [row] = await rowsOf(
    db,
    `select id from pullwright.deliveries
     where trigger #>> '{repository,id}' = $2 and trigger #>> '{issue,number}' = $3
       and id <> $1 and duplicate_of is null
       and trigger ->> 'kind' = $4
       and case when $4 <> 'label' then coalesce(trigger ->> 'commentId', trigger ->> 'reviewId') = $5
           else (id like 'missed-%' or $1 like 'missed-%') and lower(trigger ->> 'label') = lower($5)
             and abs(extract(epoch from (trigger ->> 'at')::timestamptz - $6::timestamptz)) <= $7 end
       and not exists (select from pullwright.deliveries where id = $1 and duplicate_of is null)
     limit 1`,
    [
      deliveryId,
      String(repository.id),
      String(issue.number),
      kind,
      subjectOf(trigger),
      at,
      clockToleranceSeconds,
    ],
  );
  return row?.id ?? null;
}

/** '' for a trigger without a label, comment or review: only its delivery id makes it a duplicate. */
function subjectOf(trigger: Trigger): string {
  if (trigger.kind === 'label') return trigger.label;
  if ('commentId' in trigger) return String(trigger.commentId);
  return 'reviewId' in trigger ? String(trigger.reviewId) : '';
}

export async function recordDuplicate(db: Queryable, deliveryId: string, duplicateOf: string): Promise<void> {
  await rowsOf(db, 'update pullwright.deliveries set duplicate_of = $2, result = $3 where id = $1', [
    deliveryId,
    duplicateOf,
    `the same as delivery ${duplicateOf}`,
  ]);
}

/**
 * Whether the sender was refused for the same reason on this issue before: a person within the last hour, a
 * program at any time.
 */
export async function wasRefused(
  db: Queryable,
  { deliveryId, repository, issue, sender }: Trigger,
  reason: string,
): Promise<boolean> {
  const found = await rowsOf(
    db,
    `select from pullwright.deliveries
     where trigger #>> '{repository,id}' = $1 and trigger #>> '{issue,number}' = $2
       and trigger #>> '{sender,id}' = $3 and result = $4 and id <> $5
       and ($6 or received_at > now() - interval '1 hour') limit 1`,
    [
      String(repository.id),
      String(issue.number),
      String(sender.id),
      `refused: ${reason}`,
      deliveryId,
      sender.type !== 'User',
    ],
  );
  return found.length > 0;
}

/** Whether a delivery reported that `label` was added at the time `at` (ISO 8601) or later. */
export async function isLabelKnown(
  db: Queryable,
  issue: IssueKey,
  label: string,
  at: string,
): Promise<boolean> {
  const found = await rowsOf(
    db,
    `select from pullwright.deliveries
     where trigger #>> '{repository,id}' = $1 and trigger #>> '{issue,number}' = $2
       and trigger ->> 'kind' = 'label' and lower(trigger ->> 'label') = lower($3)
       and (trigger ->> 'at')::timestamptz >= $4::timestamptz - make_interval(secs => $5) limit 1`,
    [String(issue.repositoryId), String(issue.number), label, at, clockToleranceSeconds],
  );
  return found.length > 0;
}

/** The given comments that a delivery reported. */
export async function listKnownComments(
  db: Queryable,
  repositoryId: number,
  commentIds: readonly number[],
): Promise<Set<number>> {
  const found = await rowsOf(
    db,
    `select (trigger ->> 'commentId')::bigint as id from pullwright.deliveries
     where trigger #>> '{repository,id}' = $1 and trigger ->> 'commentId' = any($2)`,
    [String(repositoryId), commentIds.map(String)],
  );
  return new Set(found.map(({ id }) => Number(id)));
}

/**
 * Whether a delivery reported, after the trigger, that its issue was closed or its label removed. A report
 * from shortly before counts too, because only GitHub knows the order then.
 */
export async function wasCancelledSince(db: Queryable, trigger: Trigger): Promise<boolean> {
  const { repository, issue, at } = trigger;
  const found = await rowsOf(
    db,
    `select from pullwright.deliveries
     where trigger #>> '{repository,id}' = $1 and trigger #>> '{issue,number}' = $2
       and trigger ->> 'kind' = 'end'
       and (trigger ->> 'label' is null or lower(trigger ->> 'label') = lower($3))
       and (trigger ->> 'at')::timestamptz >= $4::timestamptz - make_interval(secs => $5) limit 1`,
    [
      String(repository.id),
      String(issue.number),
      trigger.kind === 'label' ? trigger.label : null,
      at,
      clockToleranceSeconds,
    ],
  );
  return found.length > 0;
}

/**
 * The login of a person who stopped the runs of the issue after this run was requested. Such a stop did not
 * reach this run when the run did not exist yet.
 */
export async function findStopSince(
  db: Queryable,
  { trigger, issueNumber }: Pick<Run, 'trigger' | 'issueNumber'>,
): Promise<string | null> {
  const [row] = await rowsOf(
    db,
    `select trigger #>> '{sender,login}' as login from pullwright.deliveries
     where trigger ->> 'kind' = 'control' and trigger ->> 'control' = 'stop' and result like 'stopped %'
       and trigger #>> '{repository,id}' = $1 and trigger #>> '{issue,number}' in ($2, $3)
       and (trigger ->> 'at')::timestamptz >= $4::timestamptz limit 1`,
    [String(trigger.repository.id), String(trigger.issue.number), String(issueNumber), trigger.at],
  );
  return row?.login ?? null;
}
