import { appendEvent, findRecordedOutcome } from '../../database/run-events.js';
import { findRun, type LiveRun, listLiveRuns, settleQueuedRun } from '../../database/runs.js';
import { requestStop } from '../../database/stops.js';
import { fieldsOfTrigger } from '../../runs/log-fields.js';
import type { Outcome } from '../../runs/outcome.js';
import type { Trigger } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';
import { ifGitHubAllows } from '../if-github-allows.js';
import { findKey, isLaterThan } from './find-latest.js';

type StopTrigger = Extract<Trigger, { kind: 'control' | 'end' }>;

/**
 * Ends the runs that a `/stop` command or a cancellation applies to.
 * @returns the number of these runs
 */
export async function stopRuns(d: Dependencies, trigger: StopTrigger): Promise<number> {
  const { db } = d;
  const reason = trigger.kind === 'end' ? trigger.reason : `@${trigger.sender.login} stopped the run.`;
  const keep = trigger.kind === 'control' && /^keep\b/i.test(trigger.instructions);
  const outcome: Outcome = { kind: 'stopped', reason };
  let count = 0;
  for (const run of await listLiveRuns(db, await findKey(db, trigger))) {
    if (!(await isMeant(d, trigger, run))) continue;
    count += 1;
    await settleQueuedRun(db, run.id, outcome);
    // Read the run again. An earlier attempt of this step may have settled the run, but crashed before it
    // updated the progress comment.
    const { status } = (await findRun(db, run.id)) ?? run;
    if (status === 'settled' && (await findRecordedOutcome(db, run.id)) === null) {
      await appendEvent(db, run.id, { type: 'settled', outcome });
      await showStopped(d, trigger, run.id);
    } else {
      await requestStop(db, run.id, { reason, keep });
      await d.queue.wake(run.id);
    }
  }
  return count;
}

function showStopped({ publisher, log }: Dependencies, trigger: StopTrigger, runId: string): Promise<void> {
  // People may have stopped the run by deleting its issue. The progress comment then no longer exists.
  const about = { run: runId, ...fieldsOfTrigger(trigger) };
  return ifGitHubAllows(log, about, 'could not show that a run was stopped', () =>
    publisher.showProgress(runId),
  );
}

/**
 * Returns whether the trigger ends this run. A removed label ends only a queued run that was requested by
 * that label.
 */
async function isMeant(
  { db }: Dependencies,
  trigger: StopTrigger,
  { id, status }: LiveRun,
): Promise<boolean> {
  const request = (await findRun(db, id))?.trigger;
  if (!request || isLaterThan(request, trigger)) return false;
  if (trigger.kind !== 'end' || trigger.label === null) return true;
  const asksByLabel = request.kind === 'label' && request.label.toLowerCase() === trigger.label.toLowerCase();
  return status === 'queued' && asksByLabel;
}
