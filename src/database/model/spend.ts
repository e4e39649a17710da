import type { IssueKey } from '../../runs/run.js';
import type { Abandonment } from '../../runs/run-event.js';
import { type Queryable, rowsOf } from '../queryable.js';

/** What one or more requests to the model used and cost. */
interface Spend {
  inputTokens: number;
  /** Tokens that were written to the cache, for five minutes or for an hour. */
  cacheWriteTokens: number;
  /** The part of `cacheWriteTokens` that was written for an hour. */
  cacheWrite1hTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
  /** Null if the model has no known price. */
  dollars: number | null;
}

/** What the model was asked for in a turn. */
export interface Place {
  runId: string;
  turn: number;
  /** The model's reply, the choice of an agent, the reads that keep the cache, or a summary. */
  purpose: 'reply' | 'choice' | 'cache' | 'summary';
}

/** Identifies a request by its number among those for the same purpose in the same turn, from 1. */
export interface RequestKey extends Place {
  attempt: number;
}

/** The spend of a turn for one purpose. */
export interface TurnSpend extends Spend, Omit<Place, 'runId'> {
  /** Number of the request that got the reply. Default: 1. */
  attempt?: number;
  model: string;
}

/** A request whose reply was abandoned, with an estimate of its cost. */
export interface AbandonedRequest extends Spend {
  attempt: number;
  ending: Abandonment;
}

/**
 * Records that the model is about to be asked. Until the reply is recorded, the request counts with an
 * estimate of its cost. If the process dies, the estimate stays.
 * @returns the number of the request
 */
export async function openRequest(
  db: Queryable,
  { runId, turn, purpose }: Place,
  model: string,
  estimate: Spend,
): Promise<number> {
  const [row] = await rowsOf(
    db,
    `insert into pullwright.spend (run_id, turn, purpose, attempt, ending, model, input_tokens,
       cache_write_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, dollars)
     select $1, $2, $3, coalesce(max(attempt), 0) + 1, 'open', $4, $5, $6, $7, $8, $9, $10
     from pullwright.spend where run_id = $1 and turn = $2 and purpose = $3
     returning attempt`,
    [runId, turn, purpose, model, ...valuesOf(estimate)],
  );
  return row?.attempt;
}

/**
 * Replaces the estimate of an open request. Does nothing if the request is no longer open.
 * @param ending why the reply was abandoned; `open` if it is still awaited
 */
export async function updateRequest(
  db: Queryable,
  key: RequestKey,
  estimate: Spend,
  ending: Abandonment | 'open',
): Promise<void> {
  await rowsOf(
    db,
    `update pullwright.spend set ending = $5, input_tokens = $6, cache_write_tokens = $7,
       cache_write_1h_tokens = $8, cache_read_tokens = $9, output_tokens = $10, dollars = $11, at = now()
     where run_id = $1 and turn = $2 and purpose = $3 and attempt = $4 and ending = 'open'`,
    [...keyOf(key), ending, ...valuesOf(estimate)],
  );
}

/** Removes an open request that the API refused, because such a request costs nothing. */
export async function discardRequest(db: Queryable, key: RequestKey): Promise<void> {
  await rowsOf(
    db,
    `delete from pullwright.spend
     where run_id = $1 and turn = $2 and purpose = $3 and attempt = $4 and ending = 'open'`,
    keyOf(key),
  );
}

/**
 * Records spend. If the request was opened before, replaces its estimate. The spend of a request is recorded
 * only once.
 */
export async function recordSpend(db: Queryable, runId: string, spend: TurnSpend): Promise<void> {
  const { attempt = 1, model } = spend;
  await rowsOf(
    db,
    `insert into pullwright.spend as s (run_id, turn, purpose, attempt, ending, model, input_tokens,
       cache_write_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, dollars)
     values ($1, $2, $3, $4, 'complete', $5, $6, $7, $8, $9, $10, $11)
     on conflict (run_id, turn, purpose, attempt) do update set ending = excluded.ending,
       input_tokens = excluded.input_tokens, cache_write_tokens = excluded.cache_write_tokens,
       cache_write_1h_tokens = excluded.cache_write_1h_tokens, cache_read_tokens = excluded.cache_read_tokens,
       output_tokens = excluded.output_tokens, dollars = excluded.dollars, at = excluded.at
     where s.ending <> 'complete'`,
    [...keyOf({ ...spend, runId, attempt }), model, ...valuesOf(spend)],
  );
}

/** Marks the open requests for this purpose as lost. They are requests of a worker that died. */
export async function markLost(db: Queryable, { runId, turn, purpose }: Place): Promise<void> {
  await rowsOf(
    db,
    `update pullwright.spend set ending = 'lost'
     where run_id = $1 and turn = $2 and purpose = $3 and ending = 'open'`,
    [runId, turn, purpose],
  );
}

/** Lists the abandoned requests for this purpose, oldest first. */
export async function listAbandonedRequests(
  db: Queryable,
  { runId, turn, purpose }: Place,
): Promise<AbandonedRequest[]> {
  return rowsOf<AbandonedRequest & Record<string, unknown>>(
    db,
    `select attempt, ending, input_tokens as "inputTokens", cache_write_tokens as "cacheWriteTokens",
       cache_write_1h_tokens as "cacheWrite1hTokens", cache_read_tokens as "cacheReadTokens",
       output_tokens as "outputTokens", dollars::float8 as dollars
     from pullwright.spend
     where run_id = $1 and turn = $2 and purpose = $3 and ending not in ('complete', 'open')
     order by attempt`,
    [runId, turn, purpose],
  );
}

/** Returns the tokens and the dollars that a run has spent, including the estimates of abandoned requests. */
export async function readSpend(
  db: Queryable,
  runId: string,
): Promise<{ tokens: number; dollars: number | null }> {
  const [row] = await rowsOf<{ tokens: number; dollars: number | null }>(
    db,
    `select
       coalesce(sum(input_tokens + cache_write_tokens + cache_read_tokens + output_tokens), 0)::float8 as tokens,
       case when bool_or(dollars is null) then null else coalesce(sum(dollars), 0)::float8 end as dollars
     from pullwright.spend where run_id = $1`,
    [runId],
  );
  return row ?? { tokens: 0, dollars: 0 };
}

function keyOf({ runId, turn, purpose, attempt }: RequestKey): unknown[] {
  return [runId, turn, purpose, attempt];
}

function valuesOf(spend: Spend): unknown[] {
  const { inputTokens, cacheWriteTokens, cacheWrite1hTokens, cacheReadTokens, outputTokens, dollars } = spend;
  return [inputTokens, cacheWriteTokens, cacheWrite1hTokens, cacheReadTokens, outputTokens, dollars];
}

/**
 * Sums up what the runs for an issue cost.
 * @returns `dollars`: null if the price of a model is not known
 */
export async function readIssueSpend(
  db: Queryable,
  { repositoryId, number }: IssueKey,
): Promise<{ runs: number; dollars: number | null }> {
  const [row] = await rowsOf<{ runs: number; dollars: number | null }>(
    db,
    `select count(distinct run_id)::int as runs,
       case when bool_or(dollars is null) then null else coalesce(sum(dollars), 0)::float8 end as dollars
     from pullwright.spend
     where run_id in (select id from pullwright.runs where repository_id = $1 and issue_number = $2)`,
    [repositoryId, number],
  );
  return row ?? { runs: 0, dollars: 0 };
}
