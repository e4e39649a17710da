import * as admission from './admission.js';
import type { Queryable } from './queryable.js';

/** Delegates to admission.ts. */
export function openAdmissionStore(db: Queryable) {
  return {
    lock: () => admission.lockAdmission(db),
    markAnnounced: (id: string) => admission.markAnnounced(db, id),
    listWaiting: (andThis: string | null = null) => admission.listWaitingRuns(db, andThis),
    readUsage: (now: Date, budget: { tokens: number; dollars: number }) =>
      admission.readUsage(db, now, budget),
    markAdmitted: (id: string) => admission.markAdmitted(db, id),
    markHeld: (id: string, reason: string) => admission.markHeld(db, id, reason),
  };
}
