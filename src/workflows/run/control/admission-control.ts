import type { PoolClient } from 'pg';
import {
  listWaitingRuns,
  lockAdmission,
  markAdmitted,
  markAnnounced,
  markHeld,
  readUsage,
} from '../../../database/admission.js';
import { inTransaction } from '../../../database/connection/in-transaction.js';
import { findHold } from '../../../database/model/account-hold.js';
import { appendEvent } from '../../../database/run-events.js';
import { countAhead, findRun } from '../../../database/runs.js';
import { type Admission, decideAdmission, maxSpend } from '../../../runs/admission.js';
import { fieldsOfRun } from '../../../runs/log-fields.js';
import type { Run } from '../../../runs/run.js';
import type { Dependencies } from '../../dependencies.js';
import { findLogFields } from './find-log-fields.js';

/** Shows people the run's place in the queue, or the limit that keeps the run waiting. */
export async function announceRun(d: Dependencies, run: Run): Promise<void> {
  await appendEvent(d.db, run.id, { type: 'queued', ahead: await countAhead(d.db, run.id) });
  const reason = await findHoldReason(d, run.id);
  if (reason) await appendEvent(d.db, run.id, { type: 'held', reason }, `held-${reason}`);
  await d.publisher.showProgress(run.id);
  const about = { ...fieldsOfRun(run), url: run.trigger.issue.url };
  if (reason) d.log.warn({ ...about, reason }, 'a limit keeps the run in the queue');
  else d.log.info(about, 'run queued');
}

/** Marks the run as announced on its issue. Then admits every waiting run that is within all limits. */
export function admitRun(d: Dependencies, { id }: Run): Promise<void> {
  return admitRuns(d, id);
}

/**
 * Puts every waiting run that is within all limits into the work queue. If the limit that keeps a run waiting
 * has changed, tells people on the issue of that run.
 * @param announced the id of a run that was just announced on its issue, which makes it eligible
 */
export async function admitRuns(d: Dependencies, announced?: string): Promise<void> {
  const news = await inTransaction(d.pool, async (client) => {
    await lockAdmission(client);
    if (announced) await markAnnounced(client, announced);
    const waiting = await listWaitingRuns(client);
    if (waiting.length === 0) return [];
    const { admitted, held } = await decide(d, client, waiting);
    for (const { id } of admitted) {
      await markAdmitted(client, id);
      await enqueueRun(d, client, id);
    }
    const told = new Map(waiting.map(({ id, heldReason }) => [id, heldReason]));
    const changed = held.filter(({ run, reason }) => told.get(run.id) !== reason);
    for (const { run, reason } of changed) await markHeld(client, run.id, reason);
    return changed;
  });
  for (const { run, reason } of news) {
    await appendEvent(d.db, run.id, { type: 'held', reason }, `held-${reason}`);
    const about = await findLogFields(d, run.id);
    d.log.warn({ ...about, reason }, 'a limit keeps the run in the queue');
    // If the bot cannot write on one issue, it must still write on the others.
    await d.publisher
      .showProgress(run.id)
      .catch((err: unknown) => d.log.warn({ ...about, err }, 'could not show why a run waits'));
  }
}

/**
 * Finds the limit that would keep the run waiting, and stores it with the run.
 * @returns the limit, in words for people; null if the run is within all limits
 */
function findHoldReason(d: Dependencies, runId: string): Promise<string | null> {
  return inTransaction(d.pool, async (client) => {
    const waiting = await listWaitingRuns(client, runId);
    const { held } = await decide(d, client, waiting);
    const reason = held.find(({ run }) => run.id === runId)?.reason ?? null;
    if (reason) await markHeld(client, runId, reason);
    return reason;
  });
}

/**
 * No run starts while the model's API refuses the server's account, or while other comments may follow a
 * single review comment. Otherwise, the limits decide.
 */
async function decide(
  d: Dependencies,
  client: PoolClient,
  waiting: Awaited<ReturnType<typeof listWaitingRuns>>,
): Promise<Admission> {
  const hold = await findHold(client);
  if (hold) return { admitted: [], held: waiting.map((run) => ({ run, reason: hold.reason })) };
  const budget = maxSpend(d.config.budget);
  const usage = await readUsage(client, d.now(), budget);
  const since = d.now().getTime() - d.config.reviewWaitMs;
  const isEarly = ({ mayContinue, createdAt }: (typeof waiting)[number]) =>
    mayContinue && createdAt.getTime() > since;
  const { admitted, held } = decideAdmission(
    waiting.filter((run) => !isEarly(run)),
    usage,
    d.config.limits,
    budget,
  );
  return {
    admitted,
    held: [...held, ...waiting.filter(isEarly).map((run) => ({ run, reason: moreMayFollow }))],
  };
}

/** Why a run for a single review comment waits. Those of the same person become one run. */
const moreMayFollow = 'Other comments of the same review may follow, and become one run.';

async function enqueueRun(d: Dependencies, client: PoolClient, id: string): Promise<void> {
  await d.confirmLease();
  const run = await findRun(client, id);
  if (!run) throw new Error(`there is no run ${id}`);
  const partition = `${run.trigger.repository.id}#${run.issueNumber}`;
  await d.queue.enqueue(client, 'work-on-run', id, id, partition);
}
