import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Pool } from 'pg';
import type { Config } from '../config/read-config.js';
import type { ControlStore } from '../database/control-store.js';
import type { IntakeStore } from '../database/intake-store.js';
import type { RunStore } from '../database/run-store.js';
import { type PeriodicJob, startPeriodicJob } from '../engine/periodic-job.js';
import type { GitHub } from '../github/github.js';
import { untilAborted } from '../github/until-aborted.js';
import type { Log } from '../log.js';
import type { RecordTrigger } from '../webhooks/create-app.js';
import type { AdmissionControl } from '../workflows/accept-trigger/admission-control.js';
import type { Publisher } from '../workflows/run/publisher.js';
import { askForRedelivery, findMissed } from '../workflows/scheduled/find-missed.js';
import { createFindMissedSteps } from '../workflows/scheduled/find-missed-steps.js';
import { remindOfQuestions } from '../workflows/scheduled/remind-of-questions.js';
import { createRetention } from '../workflows/scheduled/retention.js';
import type { Mirrors, Workspaces } from '../workspace/workspace.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Between two looks for runs that a limit held back. */
const admitMs = 5000;

/**
 * What is done every so often, by one worker at a time of all that share the database.
 * @returns starts it
 */
export function createPeriodicJobs(parts: {
  config: Config;
  workerId: string;
  /** For what a worker that was taken for dead must not do any more. */
  database: Pick<Pool, 'query'>;
  pool: Pool;
  store: RunStore;
  intake: IntakeStore;
  control: ControlStore;
  github: GitHub;
  publisher: Publisher;
  admissionControl: AdmissionControl;
  mirrors: Mirrors;
  workspaces: Workspaces;
  /** Ends a run whose story broke off. */
  endRun: (runId: string) => Promise<void>;
  log: Log;
  now: () => Date;
}): (take: RecordTrigger) => PeriodicJob[] {
  const { config, store, control, github, log, now } = parts;
  const reconcileMs = config.reconcileMinutes * minuteMs;
  const redeliverMs = Math.min(2 * minuteMs, reconcileMs);
  const endBrokenOff = async () => {
    for (const runId of await control.listBrokenOff()) {
      log.error({ run: runId }, 'a run whose story broke off is ended');
      await parts.endRun(runId);
    }
  };
  const remind = (signal: AbortSignal) =>
    remindOfQuestions(
      {
        control,
        store,
        github: untilAborted(github, signal),
        publisher: parts.publisher,
        remindAfterMs: config.questionRemindMs,
        closeAfterMs: config.questionCloseMs,
        log,
      },
      signal,
    );

  return (recordTrigger) => {
    const missed = (signal: AbortSignal) =>
      createFindMissedSteps({
        store: parts.intake,
        github: untilAborted(github, signal),
        labels: config.labels,
        recordTrigger,
        redeliverEveryMs: redeliverMs,
        log,
        now,
      });
    const housekeeping = createRetention({ ...config, ...parts, workflows: DBOS });
    const rounds: [string, number, (signal: AbortSignal) => Promise<void>][] = [
      ['let in what waited', admitMs, () => parts.admissionControl.admit()],
      ['end what broke off', Math.min(minuteMs, reconcileMs), endBrokenOff],
      ['ask for redelivery', redeliverMs, (signal) => askForRedelivery(missed(signal), signal)],
      ['find what was missed', reconcileMs, (signal) => findMissed(missed(signal), signal)],
      ['remind of questions', Math.min(hourMs, config.questionRemindMs), remind],
      ['forget what is old', hourMs, () => housekeeping.forgetWhatIsOld()],
      // Every machine has its own.
      [`tidy the machine of ${parts.workerId}`, hourMs, () => housekeeping.tidyMachine()],
    ];
    return rounds.map(([name, everyMs, run]) =>
      startPeriodicJob({ name, everyMs, run, pool: parts.pool, log }),
    );
  };
}
