import { RetryLater } from '../../runs/retry-later.js';
import type { Abandonment } from '../../runs/run-event.js';
import type { Usage } from '../models.js';

/**
 * Thrown if a reply was abandoned before it was complete. The API bills what the model has read and written
 * until then, but does not say how much that was.
 */
export class AbandonedReply extends RetryLater {
  constructor(
    readonly ending: Abandonment,
    reason: string,
    /** The tokens that the API may bill: an upper estimate. */
    readonly usage: Usage,
    /** The cost of `usage`; null if the model's price is not known. */
    readonly dollars: number | null,
    afterMs: number | null = null,
  ) {
    super(reason, afterMs);
  }
}
