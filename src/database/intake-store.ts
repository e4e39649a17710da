import type { Pool } from 'pg';
import type { Trigger } from '../task/task.js';
import { rowsOf } from './rows-of.js';

/** An attempt of GitHub's to hand over a delivery. */
export interface FailedAttempt {
  /** `X-GitHub-Delivery`, the same in every attempt. */
  guid: string;
  /** Of this one attempt. */
  id: number;
  failedAt: Date;
}

/** GitHub is asked for the same delivery at most so often. */
const maxAsked = 8;
/**
 * A label that was found on an issue, and a delivery of its being put on, tell of the same when they are no farther apart:
 * their times come from different clocks of GitHub's. Two deliveries never do: each of them asks for itself.
 */
const sameSeconds = 10;

/** What is known of deliveries, and of those that never came. Every write may be repeated. */
export type IntakeStore = ReturnType<typeof openIntakeStore>;

/** @param database a pool, or a connection with a transaction */
export function openIntakeStore(database: Pick<Pool, 'query'>) {
  const rows = rowsOf(database);

  return {
    /** Until the end of the transaction nothing else is taken for this issue. */
    async lockIssue({ repository, issue }: Trigger): Promise<void> {
      const name = `trigger of ${repository.id}#${issue.number}`;
      await rows('select pg_advisory_xact_lock(hashtextextended($1, 0))', [name]);
    },

    /** The delivery that asked for the very same before this one: the same comment, the same putting on of a label. */
    async findDuplicate(trigger: Trigger): Promise<string | null> {
      const [row] = await rows(
        `select id from pullwright.deliveries
         where trigger #>> '{repository,id}' = $2 and trigger #>> '{issue,number}' = $3
           and id <> $1 and duplicate_of is null
           and trigger ->> 'kind' = $4
           and case when $4 <> 'label' then coalesce(trigger ->> 'commentId', trigger ->> 'reviewId') = $5
               else (id like 'missed-%' or $1 like 'missed-%') and lower(trigger ->> 'label') = lower($5)
                 and abs(extract(epoch from (trigger ->> 'at')::timestamptz - $6::timestamptz)) <= $7 end
           and not exists (select from pullwright.deliveries where id = $1 and duplicate_of is null)
         limit 1`,
        [trigger.deliveryId, ...keyOf(trigger), sameSeconds],
      );
      return row?.id ?? null;
    },

    /** Whether this person was told the same on this issue within the last hour; a program, whether ever. */
    async wasRefused({ deliveryId, repository, issue, sender }: Trigger, reason: string): Promise<boolean> {
      const found = await rows(
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
    },

    async recordDuplicate(deliveryId: string, duplicate: string): Promise<void> {
      await rows('update pullwright.deliveries set duplicate_of = $2, result = $3 where id = $1', [
        deliveryId,
        duplicate,
        `the same as delivery ${duplicate}`,
      ]);
    },

    /** Whether a delivery told of this putting on of the label, or of a later one. */
    async isLabelKnown(issue: IssueOf, label: string, at: string): Promise<boolean> {
      const found = await rows(
        `select from pullwright.deliveries
         where trigger #>> '{repository,id}' = $1 and trigger #>> '{issue,number}' = $2
           and trigger ->> 'kind' = 'label' and lower(trigger ->> 'label') = lower($3)
           and (trigger ->> 'at')::timestamptz >= $4::timestamptz - make_interval(secs => $5) limit 1`,
        [String(issue.repositoryId), String(issue.number), label, at, sameSeconds],
      );
      return found.length > 0;
    },

    /** Those of the comments that a delivery told of. */
    async knownComments(repositoryId: number, commentIds: readonly number[]): Promise<Set<number>> {
      const found = await rows(
        `select (trigger ->> 'commentId')::bigint as id from pullwright.deliveries
         where trigger #>> '{repository,id}' = $1 and trigger ->> 'commentId' = any($2)`,
        [String(repositoryId), commentIds.map(String)],
      );
      return new Set(found.map(({ id }) => Number(id)));
    },

    /** The numbers of the repository's issues that have a live run. */
    async busyIssues(repositoryId: number): Promise<Set<number>> {
      const found = await rows(
        "select issue_number from pullwright.runs where repository_id = $1 and status <> 'settled'",
        [repositoryId],
      );
      return new Set(found.map((row) => row.issue_number));
    },

    async noteFailed(attempts: readonly FailedAttempt[]): Promise<void> {
      for (const { guid, id, failedAt } of attempts)
        await rows(
          `insert into pullwright.failed_deliveries as f (guid, attempt, failed_at) values ($1, $2, $3)
           on conflict (guid) do update set attempt = excluded.attempt, failed_at = excluded.failed_at
           where excluded.attempt > f.attempt`,
          [guid, id, failedAt],
        );
    },

    /** Failed deliveries that are not here, that failed again since GitHub was last asked, and whose time has come. */
    async dueForRedelivery(limit: number): Promise<{ guid: string; attempt: number }[]> {
      const found = await rows(
        `select guid, attempt from pullwright.failed_deliveries f
         where next_at <= now() and asked < $1 and asked_for is distinct from attempt
           and not exists (select from pullwright.deliveries d where d.id = f.guid)
         order by failed_at limit $2`,
        [maxAsked, limit],
      );
      return found.map(({ guid, attempt }) => ({ guid, attempt: Number(attempt) }));
    },

    /** @param waitMs until it may be asked for again, should it fail again; doubled with every time */
    async noteAsked(guid: string, attempt: number, waitMs: number): Promise<void> {
      await rows(
        `update pullwright.failed_deliveries set asked = asked + 1, asked_for = $2,
           next_at = now() + make_interval(secs => $3 * power(2, asked)) where guid = $1`,
        [guid, attempt, waitMs / 1000],
      );
    },

    async readMarks(names: readonly string[]): Promise<Map<string, Date>> {
      const found = await rows('select name, at from pullwright.watermarks where name = any($1)', [names]);
      return new Map(found.map(({ name, at }) => [name, at]));
    },

    async setMark(name: string, at: Date): Promise<void> {
      await rows(
        `insert into pullwright.watermarks (name, at) values ($1, $2)
         on conflict (name) do update set at = excluded.at`,
        [name, at],
      );
    },
  };
}

interface IssueOf {
  repositoryId: number;
  number: number;
}

function keyOf(trigger: Trigger): string[] {
  const { repository, issue, kind, at } = trigger;
  // What has neither is asked for as often as it is delivered: deliveries themselves are known by their ids.
  const what =
    kind === 'label'
      ? trigger.label
      : 'commentId' in trigger
        ? String(trigger.commentId)
        : 'reviewId' in trigger
          ? String(trigger.reviewId)
          : '';
  return [String(repository.id), String(issue.number), kind, what, at];
}
