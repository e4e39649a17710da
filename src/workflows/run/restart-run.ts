import type { Run } from '../../database/run-store.js';
import type { Outcome } from '../../runs/outcome.js';
import { type EndRunSteps, endRun } from './end-run.js';

export interface RestartRunSteps extends EndRunSteps {
  /** How the run had ended already, where only its people had not been told. */
  findEnd(runId: string): Promise<Outcome | null>;
  /** Another run of the same request; null when people have asked for one themselves meanwhile. */
  reserveAnother(run: Run): Promise<Run | null>;
  /** Writes the one progress comment: the place in line. */
  announce(run: Run): Promise<void>;
  /** Puts the run in the queue. */
  admit(run: Run): Promise<void>;
}

/** Ends a run that nobody can go on with, and begins another one with what was asked for. */
export async function restartRun(run: Run, reason: string, steps: RestartRunSteps): Promise<void> {
  const end = await steps.findEnd(run.id);
  if (end) return endRun(run, end, steps);
  await endRun(run, { kind: 'stopped', reason }, steps);
  const another = await steps.reserveAnother(run);
  if (!another) return;
  await steps.announce(another);
  await steps.admit(another);
}
