import type { Pool } from 'pg';
import { openAdmissionStore } from '../../database/admission-store.js';
import { explainDatabaseError } from '../../database/connection/explain-database-error.js';
import { inTransaction } from '../../database/connection/in-transaction.js';
import type { RunStore } from '../../database/run-store.js';
import type { Log } from '../../log.js';
import { type Admission, decideAdmission, type Limits, type Scope } from '../../runs/admission.js';

interface Parts {
  pool: Pool;
  /** Puts a run in the queue of those that are worked on; it is there when the transaction is committed. */
  enqueue: (transaction: Parameters<Parameters<typeof inTransaction>[1]>[0], runId: string) => Promise<void>;
  store: Pick<RunStore, 'appendEvent'>;
  showProgress: (runId: string) => Promise<void>;
  limits: Readonly<Record<Scope, Limits>>;
  /** Of one run. */
  budget: { tokens: number; dollars: number };
  log: Log;
  now: () => Date;
}

/** Lets queued runs in, as far as the limits per person, repository and server go. */
export interface AdmissionControl {
  /** Why a run would have to wait, as things are; null when it would not. Notes it, so that it can be told with the rest. */
  findHoldReason(runId: string): Promise<string | null>;
  /**
   * Puts all runs that no limit holds back into the queue, and tells people of those that have to wait for another reason
   * than they were told.
   * @param announced a run whose issue has just been told of it: from now on it may be let in
   */
  admit(announced?: string): Promise<void>;
}

export function createAdmissionControl(parts: Parts): AdmissionControl {
  const { pool, store, limits, budget, log, now } = parts;

  const transaction: typeof inTransaction = async (pool, body) => {
    try {
      return await inTransaction(pool, body);
    } catch (error) {
      throw explainDatabaseError(error);
    }
  };
  const tellHeld = async ({ run, reason }: Admission['held'][number]) => {
    await store.appendEvent(run.id, { type: 'held', reason }, `held-${reason}`);
    await parts.showProgress(run.id).catch((err: unknown) => {
      // The place in line is a courtesy: nobody else's run waits because this issue cannot be written on.
      log.warn({ run: run.id, err }, 'why a run waits could not be shown');
    });
  };

  return {
    findHoldReason: async (runId) => {
      const reason = await transaction(pool, async (client) => {
        const admission = openAdmissionStore(client);
        const waiting = await admission.listWaiting(runId);
        const usage = await admission.readUsage(now(), budget);
        const held = decideAdmission(waiting, usage, limits, budget).held.find(({ run }) => run.id === runId);
        if (held) await admission.markHeld(runId, held.reason);
        return held?.reason ?? null;
      });
      if (reason) await store.appendEvent(runId, { type: 'held', reason }, `held-${reason}`);
      return reason;
    },

    admit: async (announced) => {
      const news = await transaction(pool, async (client) => {
        const admission = openAdmissionStore(client);
        await admission.lock();
        if (announced) await admission.markAnnounced(announced);
        const waiting = await admission.listWaiting();
        if (waiting.length === 0) return [];
        const usage = await admission.readUsage(now(), budget);
        const { admitted, held } = decideAdmission(waiting, usage, limits, budget);
        for (const { id } of admitted) {
          await admission.markAdmitted(id);
          await parts.enqueue(client, id);
        }
        const told = new Map(waiting.map(({ id, heldReason }) => [id, heldReason]));
        const others = held.filter(({ run, reason }) => told.get(run.id) !== reason);
        for (const { run, reason } of others) await admission.markHeld(run.id, reason);
        return others;
      });
      for (const one of news) await tellHeld(one);
    },
  };
}
