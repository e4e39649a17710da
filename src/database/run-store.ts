import type { Pool } from 'pg';
import { z } from 'zod';
import { Outcome } from '../runs/outcome.js';
import { eventKey, RunEvent } from '../runs/run-event.js';
import { Trigger } from '../task/task.js';
import { openCheckpointStore } from './checkpoint-store.js';
import { rowsOf } from './rows-of.js';

/** One attempt at a task, as its row says. */
export const Run = z.object({
  id: z.string(),
  trigger: Trigger,
  workflow: z.enum(['implement-issue', 'answer-review']),
  /** Of the issue that it works for; `trigger.issue` may be that one's pull request. */
  issueNumber: z.number(),
  status: z.enum(['queued', 'running', 'settled']),
  /** The limit that holds it back while it is queued, in words for people. */
  heldReason: z.string().nullable(),
  outcome: Outcome.nullable(),
  createdAt: z.date(),
  startedAt: z.date().nullable(),
  settledAt: z.date().nullable(),
});
export type Run = z.infer<typeof Run>;

/** What the bot has on GitHub for one issue. */
export interface IssueRecord {
  progressCommentId: number | null;
  pullRequest: number | null;
  /** The last commit that we pushed to the bot's branch. */
  pushedCommit: string | null;
}

export interface IssueKey {
  repositoryId: number;
  number: number;
}

export interface RecordedEvent {
  at: Date;
  event: RunEvent;
}

export interface TurnSpend {
  turn: number;
  model: string;
  inputTokens: number;
  cacheWriteTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
  dollars: number | null;
}

/** Everything that Pullwright itself keeps in Postgres. Every write may be repeated: steps are, after a crash. */
export type RunStore = ReturnType<typeof openRunStore>;

/** @param database a pool, or a connection with a transaction */
export function openRunStore(database: Pick<Pool, 'query'>) {
  const rows = rowsOf(database);

  return {
    /** Remembers what a delivery asked for. Returns false when it was known already. */
    async recordDelivery(event: string, trigger: Trigger): Promise<boolean> {
      const inserted = await rows(
        'insert into pullwright.deliveries (id, event, trigger) values ($1, $2, $3) on conflict do nothing returning id',
        [trigger.deliveryId, event, trigger],
      );
      return inserted.length > 0;
    },

    async recordDeliveryResult(deliveryId: string, result: string): Promise<void> {
      await rows('update pullwright.deliveries set result = $2 where id = $1', [deliveryId, result]);
    },

    /**
     * Makes the run of a delivery, unless its issue has a live one.
     * @returns the run (also when this delivery had made it before), or the id of the run that is in the way
     */
    async reserveRun(
      id: string,
      trigger: Trigger,
      workflow: Run['workflow'] = 'implement-issue',
      issueNumber: number = trigger.issue.number,
    ): Promise<{ run: Run } | { busyWith: string }> {
      const { repository } = trigger;
      await rows(
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
      const own = await this.findRun(id);
      if (own) return { run: own };
      const [live] = await rows(
        `select id from pullwright.runs where repository_id = $1 and issue_number = $2 and status <> 'settled'
         order by created_at limit 1`,
        [repository.id, issueNumber],
      );
      // The run that was in the way may have settled between the two statements.
      return live ? { busyWith: live.id } : this.reserveRun(id, trigger, workflow, issueNumber);
    },

    async findRun(id: string): Promise<Run | null> {
      const [row] = await rows('select * from pullwright.runs where id = $1', [id]);
      return row ? toRun(row) : null;
    },

    /** Newest first. */
    async listRuns(limit: number): Promise<Run[]> {
      return (await rows('select * from pullwright.runs order by created_at desc limit $1', [limit])).map(
        toRun,
      );
    },

    /**
     * Counts a worker's beginning, or going on, with the run. An event since the last time starts the count anew: what
     * gets on, however often its workers die, is not what kills them. That it was ended from outside is no getting on.
     * @returns how many there were at this place, this one included
     */
    async countAttempt(id: string): Promise<number> {
      const [row] = await rows(
        `update pullwright.runs set attempted_at_event = latest.id,
           attempts = case when attempted_at_event is distinct from latest.id then 1 else attempts + 1 end
         from (select max(id) as id from pullwright.run_events where run_id = $1 and key <> 'settled') as latest
         where runs.id = $1 returning attempts`,
        [id],
      );
      return row?.attempts ?? 0;
    },

    /**
     * @returns the attempts at the place where the run is; 0 when it got further since the last one, has ended, or only waits for
     * something: that kills nobody
     */
    async readAttempts(id: string): Promise<number> {
      const [row] = await rows(
        `select attempts from pullwright.runs, lateral (
           select id, event ->> 'type' as type from pullwright.run_events where run_id = runs.id and key <> 'settled'
           order by id desc limit 1) as latest
         where runs.id = $1 and status <> 'settled' and attempted_at_event = latest.id and latest.type <> 'waiting'`,
        [id],
      );
      return row?.attempts ?? 0;
    },

    /** Takes back the attempts at these runs that ended in good order; what is no run is passed over. */
    async forgiveAttempts(ids: readonly string[]): Promise<void> {
      const sql = 'update pullwright.runs set attempts = greatest(attempts - 1, 0) where id::text = $1';
      // Behind an @: the version that took it on.
      for (const id of ids) await rows(sql, [id.split('@')[0]]);
    },

    async markRunning(id: string): Promise<void> {
      await rows(
        "update pullwright.runs set status = 'running', started_at = coalesce(started_at, now()) where id = $1 and status = 'queued'",
        [id],
      );
    },

    async recordOutcome(id: string, outcome: Outcome): Promise<void> {
      await rows(
        "update pullwright.runs set status = 'settled', outcome = $2, settled_at = now() where id = $1 and status <> 'settled'",
        [id, outcome],
      );
    },

    /** What the issue's latest run asked the people before it ended; [] when it asked nothing. */
    async readQuestions({ repositoryId, number }: IssueKey): Promise<string[]> {
      const [row] = await rows(
        `select outcome from pullwright.runs where repository_id = $1 and issue_number = $2
         and status = 'settled' order by settled_at desc limit 1`,
        [repositoryId, number],
      );
      const outcome = row ? Outcome.parse(row.outcome) : null;
      return outcome?.kind === 'question' ? outcome.questions : [];
    },

    /** How many runs are queued or running before this one. */
    async countAhead(id: string): Promise<number> {
      const [row] = await rows(
        `select count(*)::int as ahead from pullwright.runs
         where status <> 'settled' and (created_at, id) < (select created_at, id from pullwright.runs where id = $1)`,
        [id],
      );
      return row.ahead;
    },

    async liveRunIds(): Promise<string[]> {
      return (await rows("select id from pullwright.runs where status <> 'settled'", [])).map(
        (row) => row.id,
      );
    },

    /** Whether a run of this repository is live. */
    async isRepositoryBusy(repositoryId: number): Promise<boolean> {
      const live = await rows(
        "select from pullwright.runs where repository_id = $1 and status <> 'settled' limit 1",
        [repositoryId],
      );
      return live.length > 0;
    },

    /** Once per key, however often the step that tells it is done again. */
    async appendEvent(runId: string, event: RunEvent, key = eventKey(event)): Promise<void> {
      await rows(
        'insert into pullwright.run_events (run_id, key, event) values ($1, $2, $3) on conflict (run_id, key) do nothing',
        [runId, key, RunEvent.parse(event)],
      );
    },

    async readEvents(runId: string): Promise<RecordedEvent[]> {
      const found = await rows('select at, event from pullwright.run_events where run_id = $1 order by id', [
        runId,
      ]);
      return found.map((row) => ({ at: row.at, event: RunEvent.parse(row.event) }));
    },

    /** How the run ended, where that was decided already; its people may not have been told yet. */
    async findEnd(runId: string): Promise<Outcome | null> {
      const [row] = await rows(
        "select event from pullwright.run_events where run_id = $1 and key = 'settled'",
        [runId],
      );
      return row ? Outcome.parse(row.event.outcome) : null;
    },

    async readIssue(key: IssueKey): Promise<IssueRecord> {
      const [row] = await rows('select * from pullwright.issues where repository_id = $1 and number = $2', [
        key.repositoryId,
        key.number,
      ]);
      return {
        progressCommentId: row?.progress_comment_id ? Number(row.progress_comment_id) : null,
        pullRequest: row?.pull_request ?? null,
        pushedCommit: row?.pushed_commit ?? null,
      };
    },

    /** Sets the fields that are given, keeps the others. */
    async updateIssue(key: IssueKey, change: Partial<IssueRecord>): Promise<void> {
      await rows(
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
    },

    async recordSpend(runId: string, spend: TurnSpend): Promise<void> {
      await rows(
        `insert into pullwright.spend
           (run_id, turn, model, input_tokens, cache_write_tokens, cache_read_tokens, output_tokens, dollars)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
        [
          runId,
          spend.turn,
          spend.model,
          spend.inputTokens,
          spend.cacheWriteTokens,
          spend.cacheReadTokens,
          spend.outputTokens,
          spend.dollars,
        ],
      );
    },

    checkpoints: openCheckpointStore(database),
  };
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
