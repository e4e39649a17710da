import { type Queryable, rowsOf } from './queryable.js';

/** What one or more requests to the model used and cost. */
export interface TurnSpend {
  turn: number;
  /** The model's reply, the choice of an agent, the reads that keep the cache, or a summary. */
  purpose: 'reply' | 'choice' | 'cache' | 'summary';
  model: string;
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

/** Records spend. The spend of a turn is recorded only once for each purpose. */
export async function recordSpend(db: Queryable, runId: string, spend: TurnSpend): Promise<void> {
  await rowsOf(
    db,
    `insert into pullwright.spend
       (run_id, turn, purpose, model, input_tokens, cache_write_tokens, cache_write_1h_tokens, cache_read_tokens,
        output_tokens, dollars)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing`,
    [
      runId,
      spend.turn,
      spend.purpose,
      spend.model,
      spend.inputTokens,
      spend.cacheWriteTokens,
      spend.cacheWrite1hTokens,
      spend.cacheReadTokens,
      spend.outputTokens,
      spend.dollars,
    ],
  );
}
