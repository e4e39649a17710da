import { z } from 'zod';
import { type Queryable, rowsOf } from './queryable.js';

/** A request to end a live run. */
export const Stop = z.object({
  reason: z.string(),
  /** Whether the run pushes the work that it has done so far. */
  keep: z.boolean(),
});
export type Stop = z.infer<typeof Stop>;

/**
 * Asks a live run to end. The first request remains in effect, with one exception: a request to discard the
 * run's work replaces an earlier request to keep the work.
 */
export async function requestStop(db: Queryable, runId: string, stop: Stop): Promise<void> {
  await rowsOf(
    db,
    `update pullwright.runs set stop = $2 where id = $1 and status <> 'settled'
     and (stop is null or ((stop ->> 'keep')::boolean and not $3::boolean))`,
    [runId, stop, stop.keep],
  );
}

/** Reads the stop requests of the given runs. The map's keys are run ids. */
export async function readStops(db: Queryable, runIds: readonly string[]): Promise<Map<string, Stop>> {
  const found = await rowsOf(
    db,
    'select id, stop from pullwright.runs where id = any($1::uuid[]) and stop is not null',
    [runIds],
  );
  return new Map(found.map(({ id, stop }) => [id, Stop.parse(stop)]));
}
