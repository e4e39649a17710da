import type { Pool } from 'pg';
import { z } from 'zod';
import type { Outcome } from '../runs/outcome.js';
import type { Person, Trigger } from '../task/task.js';
import { createCheckLooks } from './check-looks.js';
import { createQuestions } from './questions.js';
import { rowsOf } from './rows-of.js';
import type { IssueKey, Run } from './run-store.js';

/** People's word that a run has to end. */
export const Stop = z.object({
  reason: z.string(),
  /** What is there is to be pushed. */
  keep: z.boolean(),
});
export type Stop = z.infer<typeof Stop>;

/** What a run is to those who steer it. */
export interface LiveRun {
  id: string;
  status: 'queued' | 'running';
}

/** GitHub's times have whole seconds, and need not be of one clock. */
const nearSeconds = 10;

/** Which runs something is about, and people's word on them. Every write may be repeated. */
export type ControlStore = ReturnType<typeof openControlStore>;

/** @param database a pool, or a connection with a transaction */
export function openControlStore(database: Pick<Pool, 'query'>) {
  const rows = rowsOf(database);

  return {
    ...createCheckLooks(rows),
    ...createQuestions(rows),

    /** The number of the issue that a trigger is about: itself, or the one that its pull request is ours for; null: none. */
    async findIssue(trigger: Trigger): Promise<number | null> {
      const { repository, issue } = trigger;
      if (!trigger.onPullRequest) return issue.number;
      // A commit is recorded before its pull request is opened: checks that fail at once are heard of in between.
      const commit = trigger.kind === 'ci-failure' ? trigger.headSha : null;
      const [row] = await rows(
        `select number from pullwright.issues
         where repository_id = $1 and (pull_request = $2 or (pull_request is null and pushed_commit = $3))`,
        [repository.id, issue.number, commit],
      );
      return row?.number ?? null;
    },

    /**
     * Whether a trigger is about something of ours, as far as the database knows: most comments, reviews and checks of
     * a repository are not.
     */
    async isOurs(trigger: Trigger): Promise<boolean> {
      if (trigger.kind === 'label' && !trigger.onPullRequest) return true;
      if (trigger.kind === 'command') return true;
      // Also where nothing runs: what is to be stopped may be on its way to a run, and people are to hear that there is nothing.
      if (trigger.kind === 'control' && !trigger.onPullRequest) return true;
      // Kept also where nothing runs: what it ends may be delivered after it, or be on its way to a run.
      if (trigger.kind === 'end' && !trigger.onPullRequest) return true;
      const number = await this.findIssue(trigger);
      if (number === null) return false;
      const key = { repositoryId: trigger.repository.id, number };
      // A commit that people put on top is theirs to look at.
      if (trigger.kind === 'ci-failure') return this.isOwnCommit(key, trigger.headSha);
      if (trigger.kind === 'end') return (await this.listLive(key)).length > 0;
      if (trigger.kind === 'answer')
        return (
          (await this.findOpenQuestion(key)) !== null ||
          (await this.isAsking(key)) ||
          (await this.isMoreOfAnswer(trigger))
        );
      const known = await rows(
        'select from pullwright.runs where repository_id = $1 and issue_number = $2 limit 1',
        [key.repositoryId, number],
      );
      return known.length > 0;
    },

    /** Whether a commit is the last one that the bot pushed for the issue. */
    async isOwnCommit({ repositoryId, number }: IssueKey, commit: string): Promise<boolean> {
      const found = await rows(
        'select from pullwright.issues where repository_id = $1 and number = $2 and pushed_commit = $3',
        [repositoryId, number, commit],
      );
      return found.length > 0;
    },

    /** Whether the issue's newest run was broken off, by people (also in line), by its budget or its agent: people go on. */
    async wasBrokenOff({ repositoryId, number }: IssueKey): Promise<boolean> {
      const [row] = await rows(
        `select stop is not null or outcome ->> 'unfinished' = 'true'
           or started_at is null and trigger ->> 'kind' = 'ci-failure' as broken_off
         from pullwright.runs where repository_id = $1 and issue_number = $2 and status = 'settled'
           and outcome ->> 'superseded' is null
         order by created_at desc limit 1`,
        [repositoryId, number],
      );
      return row?.broken_off ?? false;
    },

    /** The run that a delivery made. */
    async findRunOf(deliveryId: string): Promise<string | null> {
      const [row] = await rows('select id from pullwright.runs where delivery_id = $1', [deliveryId]);
      return row?.id ?? null;
    },

    /**
     * Whether a delivery told that the trigger's issue was closed, or its label taken off, since then; or so near to it that
     * only GitHub can say which came first.
     */
    async wasEndedSince(trigger: Trigger): Promise<boolean> {
      const { repository, issue, at } = trigger;
      const found = await rows(
        `select from pullwright.deliveries
         where trigger #>> '{repository,id}' = $1 and trigger #>> '{issue,number}' = $2 and trigger ->> 'kind' = 'end'
           and (trigger ->> 'label' is null or lower(trigger ->> 'label') = lower($3))
           and (trigger ->> 'at')::timestamptz >= $4::timestamptz - make_interval(secs => $5) limit 1`,
        [
          String(repository.id),
          String(issue.number),
          trigger.kind === 'label' ? trigger.label : null,
          at,
          nearSeconds,
        ],
      );
      return found.length > 0;
    },

    /** Who stopped what is there at the issue after this run was asked for, and before there was a run of it; null: nobody. */
    async findStopSince({ trigger, issueNumber }: Run): Promise<string | null> {
      const [row] = await rows(
        `select trigger #>> '{sender,login}' as by from pullwright.deliveries
         where trigger ->> 'kind' = 'control' and trigger ->> 'control' = 'stop' and result like 'stopped %'
           and trigger #>> '{repository,id}' = $1 and trigger #>> '{issue,number}' in ($2, $3)
           and (trigger ->> 'at')::timestamptz >= $4::timestamptz limit 1`,
        [String(trigger.repository.id), String(trigger.issue.number), String(issueNumber), trigger.at],
      );
      return row?.by ?? null;
    },

    /** Who asked for the issue's work last; who answered a question about it did not. */
    async findAsker({ repositoryId, number }: IssueKey): Promise<Person | null> {
      const [row] = await rows(
        `select trigger -> 'sender' as sender from pullwright.runs
         where repository_id = $1 and issue_number = $2 and trigger ->> 'kind' <> 'answer'
         order by created_at desc limit 1`,
        [repositoryId, number],
      );
      return row?.sender ?? null;
    },

    /** Oldest first. */
    async listLive({ repositoryId, number }: IssueKey): Promise<LiveRun[]> {
      return rows(
        `select id, status from pullwright.runs
         where repository_id = $1 and issue_number = $2 and status <> 'settled' order by created_at`,
        [repositoryId, number],
      );
    },

    /** The newest run of the issue, but for one. */
    async findLatest({ repositoryId, number }: IssueKey, but: string | null = null): Promise<string | null> {
      const [row] = await rows(
        `select id from pullwright.runs where repository_id = $1 and issue_number = $2 and id is distinct from $3
         order by created_at desc limit 1`,
        [repositoryId, number, but],
      );
      return row?.id ?? null;
    },

    /** The runs of the issue that were there before this one, the newest first; no more than twenty. */
    async listEarlier({ repositoryId, number }: IssueKey, id: string): Promise<string[]> {
      const found = await rows(
        `select id from pullwright.runs where repository_id = $1 and issue_number = $2 and id <> $3
           and created_at <= (select created_at from pullwright.runs where id = $3)
         order by created_at desc limit 20`,
        [repositoryId, number, id],
      );
      return found.map((row) => row.id);
    },

    /** Runs whose story broke off by a fault of ours: nobody goes on with them, and they are in the way of their issue. */
    async listBrokenOff(): Promise<string[]> {
      const found = await rows(
        `select runs.id from pullwright.runs
           join dbos.workflow_status on split_part(workflow_uuid, '@', 1) = runs.id::text and name = 'work-on-run'
         where runs.status <> 'settled' and workflow_status.status = 'ERROR'`,
        [],
      );
      return found.map(({ id }) => id);
    },

    /** Settles a run that has not begun. @returns false when it has begun, or has ended */
    async endQueued(id: string, outcome: Outcome): Promise<boolean> {
      const ended = await rows(
        `update pullwright.runs set status = 'settled', outcome = $2, settled_at = now(), held_reason = null
         where id = $1 and status = 'queued' returning id`,
        [id, JSON.stringify(outcome)],
      );
      return ended.length > 0;
    },

    /** The first word counts, but for one that lets go of what an earlier one wanted to be kept. */
    async requestStop(id: string, stop: Stop): Promise<void> {
      await rows(
        `update pullwright.runs set stop = $2 where id = $1 and status <> 'settled'
         and (stop is null or ((stop ->> 'keep')::boolean and not $3::boolean))`,
        [id, JSON.stringify(stop), stop.keep],
      );
    },

    /** Of these runs, those that have to end. */
    async readStops(ids: readonly string[]): Promise<Map<string, Stop>> {
      const found = await rows(
        'select id, stop from pullwright.runs where id = any($1::uuid[]) and stop is not null',
        [ids],
      );
      return new Map(found.map(({ id, stop }) => [id, Stop.parse(stop)]));
    },
  };
}
