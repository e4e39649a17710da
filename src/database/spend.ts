import { type Queryable, rowsOf } from './queryable.js';

/** What one turn of the agent used and cost. */
export interface TurnSpend {
  turn: number;
  model: string;
  inputTokens: number;
  cacheWriteTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
  /** Null if the model has no known price. */
  dollars: number | null;
}

/** Records the spend of a turn. A repeated turn is recorded only once. */
export async function recordSpend(db: Queryable, runId: string, spend: TurnSpend): Promise<void> {
  await rowsOf(
    db,
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
}
