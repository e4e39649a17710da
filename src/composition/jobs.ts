import { DBOS } from '@dbos-inc/dbos-sdk';
import { listCrashedRuns } from '../database/runs.js';
import { type PeriodicJob, startPeriodicJob } from '../engine/periodic-job.js';
import { untilAborted } from '../github/until-aborted.js';
import type { Trigger } from '../task/task.js';
import type { Dependencies } from '../workflows/dependencies.js';
import { admitRuns } from '../workflows/run/control/admission-control.js';
import { findLogFields } from '../workflows/run/control/find-log-fields.js';
import { findMissedTriggers } from '../workflows/scheduled/find-missed-triggers.js';
import { probeAccount } from '../workflows/scheduled/probe-account.js';
import { redeliverFailed } from '../workflows/scheduled/redeliver-failed.js';
import { remindOfQuestions } from '../workflows/scheduled/remind-of-questions.js';
import { deleteExpired, tidyMachine } from '../workflows/scheduled/retention.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const admitEveryMs = 5000;

interface JobDefinition {
  name: string;
  everyMs: number;
  run: (signal: AbortSignal) => Promise<void>;
}

/**
 * Starts the periodic jobs. If several workers share the database, each job runs on only one of them at a
 * time.
 */
export function startJobs(
  d: Dependencies,
  options: {
    endCrashedRun: (runId: string) => Promise<void>;
    recordTrigger: (event: string, trigger: Trigger) => Promise<boolean>;
  },
): PeriodicJob[] {
  const { config, log } = d;
  const reconcileMs = config.reconcileMinutes * minuteMs;
  const redeliverMs = Math.min(2 * minuteMs, reconcileMs);
  /**
   * Returns dependencies whose requests to GitHub end when `signal` is aborted. A job must stop quickly when
   * the process stops.
   */
  const abortable = (signal: AbortSignal) => ({ ...d, github: untilAborted(d.github, signal) });

  const jobs: JobDefinition[] = [
    { name: 'admit runs', everyMs: admitEveryMs, run: () => admitRuns(d) },
    {
      name: "probe the model's API",
      everyMs: Math.min(minuteMs, reconcileMs),
      run: (signal) => probeAccount(d, signal),
    },
    {
      name: 'end crashed runs',
      everyMs: Math.min(minuteMs, reconcileMs),
      run: async () => {
        for (const runId of await listCrashedRuns(d.db, 'work-on-run')) {
          await options.endCrashedRun(runId);
          log.error(await findLogFields(d, runId), 'ended a run whose workflow crashed');
        }
      },
    },
    {
      name: 'redeliver failed deliveries',
      everyMs: redeliverMs,
      run: (signal) => redeliverFailed(abortable(signal), redeliverMs, signal),
    },
    {
      name: 'find missed triggers',
      everyMs: reconcileMs,
      run: (signal) => findMissedTriggers(abortable(signal), options.recordTrigger, signal),
    },
    {
      name: 'remind people of questions',
      everyMs: Math.min(hourMs, config.questionRemindMs),
      run: (signal) => remindOfQuestions(abortable(signal), signal),
    },
    { name: 'delete expired records', everyMs: hourMs, run: () => deleteExpired(d, DBOS) },
    // The worker's id in the name makes every worker run this job. Each machine has its own mirrors and
    // workspaces.
    {
      name: `clean up mirrors and workspaces of worker ${d.workerId}`,
      everyMs: hourMs,
      run: () => tidyMachine(d),
    },
  ];
  return jobs.map((job) => startPeriodicJob({ ...job, pool: d.pool, log }));
}
