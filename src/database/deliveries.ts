import type { IssueKey, Run } from '../runs/run.js';
import type { Trigger } from '../task/task.js';
import { type Queryable, rowsOf } from './queryable.js';

/**
 * GitHub reports times in whole seconds, from several clocks. Two times that differ by at most this number of
 * seconds can mean the same moment.
 */
const clockToleranceSeconds = 10;

/**
 * Records the trigger of a delivery.
 * @returns false when the delivery was already recorded
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

/**
 * Records how the bot handled a delivery.
 * @param result for example `run <id>` or `refused: <reason>`
 */
export async function recordDeliveryResult(db: Queryable, deliveryId: string, result: string): Promise<void> {
  await rowsOf(db, 'update pullwright.deliveries set result = $2 where id = $1', [deliveryId, result]);
}

/** Prevents other transactions from accepting a trigger for this issue until the current transaction ends. */
export async function lockIssue(db: Queryable, { repository, issue }: Trigger): Promise<void> {
  const name = `trigger of ${repository.id}#${issue.number}`;
  await rowsOf(db, 'select pg_advisory_xact_lock(hashtextextended($1, 0))', [name]);
}

/**
 * Finds an earlier delivery that asked for the same thing. (1) Two triggers for the same comment or the same
 * review are duplicates. (2) Two label events that GitHub delivered are never duplicates. (3) If Pullwright
 * found a label by its own search, the id of the trigger starts with `missed-`. Such a trigger is a duplicate
 * of any other trigger for the same label at nearly the same time.
 * @returns the id of the earlier delivery, or null
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

/**
 * Returns the label, the comment's id or the review's id of a trigger, or '' if it has none of them. A
 * trigger with '' is never a duplicate.
 */
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
 * Returns whether an earlier request of the sender on this issue was refused for the same reason. If the
 * sender is a person, only refusals of the last hour count. If the sender is a program, all refusals count.
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

/**
 * Returns whether a delivery reported that `label` was added to the issue. Ignores additions that happened
 * more than `clockToleranceSeconds` before `at`.
 * @param at a time in ISO 8601
 */
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

/** Finds out which of the given comments a recorded delivery is about. Returns the ids of these comments. */
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
 * Returns whether a delivery reported that the issue was closed or that the trigger's label was removed. Such
 * an event counts only if it is later than the trigger. An event up to `clockToleranceSeconds` before the
 * trigger counts as later, because the two times do not show which came first.
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
 * Finds a person who stopped the issue's runs after this run was requested. A stop command stops
 * only the runs that exist at that moment. The command misses a run that was requested before the command but
 * created after the command.
 * @returns the person's login, or null
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
