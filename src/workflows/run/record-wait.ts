import type { RunStore } from '../../database/run-store.js';
import type { Log } from '../../log.js';
import type { RetryLater } from '../../runs/retry-later.js';

/**
 * Tells people that a run waits, for what, and until when.
 * @returns to be called with the step that waits, and its first argument
 */
export function createRecordWait(store: Pick<RunStore, 'appendEvent'>, log: Log) {
  return async (step: string, { reason }: RetryLater, untilMs: number, about: unknown): Promise<void> => {
    const runId = runOf(about);
    log.warn({ step, run: runId, reason, until: new Date(untilMs).toISOString() }, 'waiting');
    if (!runId) return;
    try {
      await store.appendEvent(runId, { type: 'waiting', reason, untilMs }, `waiting-${untilMs}`);
    } catch (cause) {
      // The database may be what is waited for. That people are not told of the wait must not end the run.
      log.warn({ run: runId, err: cause }, 'a wait could not be recorded');
    }
  };
}

/** The run that a step's first argument belongs to: a run, or its task. */
function runOf(about: unknown): string | null {
  if (about === null || typeof about !== 'object') return null;
  if ('runId' in about) return String(about.runId);
  return 'status' in about && 'id' in about ? String(about.id) : null;
}
