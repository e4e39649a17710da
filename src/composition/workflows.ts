import { inTransaction } from '../database/connection/in-transaction.js';
import { findRun } from '../database/runs.js';
import { bindSteps, type Steps, type StepTable } from '../engine/steps.js';
import { defineWorkflow } from '../engine/workflow.js';
import { fieldsOf } from '../runs/log-fields.js';
import type { Run } from '../runs/run.js';
import type { Trigger } from '../task/task.js';
import { acceptTrigger } from '../workflows/accept-trigger/accept-trigger.js';
import { acceptTriggerSteps } from '../workflows/accept-trigger/steps.js';
import { answerReview } from '../workflows/answer-review/answer-review.js';
import { answerReviewSteps } from '../workflows/answer-review/steps.js';
import type { Dependencies } from '../workflows/dependencies.js';
import { implementIssue } from '../workflows/implement-issue/implement-issue.js';
import { implementIssueSteps } from '../workflows/implement-issue/steps.js';
import { obeyCommand } from '../workflows/obey-command/obey-command.js';
import { obeyCommandSteps } from '../workflows/obey-command/steps.js';
import { createCrashLoopGuard, maxAttempts } from '../workflows/run/control/crash-loop-guard.js';
import { findLogFields } from '../workflows/run/control/find-log-fields.js';
import { recordWait } from '../workflows/run/control/record-wait.js';
import { watchForStop } from '../workflows/run/control/stops.js';
import { endRun } from '../workflows/run/end-run.js';
import { endRunSteps, restartRun, restartRunSteps } from '../workflows/run/restart-run.js';

/** A table of steps whose first parameter is of the type `Dependencies`. */
type OurSteps = StepTable & Record<string, { run: (d: Dependencies, ...args: never[]) => Promise<unknown> }>;

/** A run that its own workflow cannot continue. `reason` explains this to people. */
interface EndedRun {
  runId: string;
  reason: string;
}

/**
 * Declares every workflow and makes its steps durable.
 * @returns `endCrashedRun`, which ends a run after its workflow crashed
 */
export function defineWorkflows(d: Dependencies): { endCrashedRun: (runId: string) => Promise<void> } {
  const durable = <Table extends OurSteps>(table: Table): Steps<Table> =>
    // The type OurSteps ensures that `d` has the right type. TypeScript cannot check `d` against the
    // parameter type of `bindSteps`, because `Table` is a type parameter.
    bindSteps(table, d as never, {
      onWait: (step, error, untilMs, subject) => recordWait(d, step, error, untilMs, subject),
      duringStoppable: (subject, body) => {
        const about = fieldsOf(subject);
        if (!about?.run)
          throw new Error('expected a run or a task as the first argument of a stoppable step');
        return watchForStop(d, { ...about, run: about.run }, 'drop', body);
      },
      onDone: (step, subject, milliseconds, result) => {
        const about = fieldsOf(subject);
        const dollars = (result as { dollars?: unknown } | null | undefined)?.dollars;
        const line = { ...about, step, milliseconds, ...(dollars !== undefined && { dollars }) };
        if (about?.run) d.log.info(line, 'step done');
        else d.log.debug(line, 'step done');
      },
    });
  const implementSteps = durable(implementIssueSteps);
  const reviewSteps = durable(answerReviewSteps);
  const triggerSteps = durable(acceptTriggerSteps);
  const commandSteps = durable(obeyCommandSteps);
  const restartSteps = durable(restartRunSteps);
  const endSteps = durable(endRunSteps);
  const mustFindRun = async (id: string): Promise<Run> => {
    const run = await endSteps.findRun(id);
    if (!run) throw new Error(`there is no run ${id}`);
    return run;
  };

  /**
   * Enqueues a workflow in a transaction of its own. This is not a step of the current workflow, so the
   * current workflow's replay does not change.
   */
  const startSeparately = async (workflow: string, id: string, input: EndedRun) => {
    await d.confirmLease();
    await inTransaction(d.pool, (client) => d.queue.enqueue(client, workflow, id, input));
  };
  const mayContinue = createCrashLoopGuard(d.db);

  // People wait for the bot's first response, so this queue is polled often.
  defineWorkflow<Trigger>('accept-trigger', { concurrency: 20, pollEveryMs: 200 }, (trigger) =>
    trigger.kind === 'control' || trigger.kind === 'end'
      ? obeyCommand(trigger, commandSteps)
      : acceptTrigger(trigger, triggerSteps),
  );

  // The workflows of both kinds of runs share one queue, which works on one run per issue at a time. Feedback
  // on a pull request therefore waits until the previous run of its issue has ended.
  defineWorkflow<string>(
    'work-on-run',
    {
      concurrency: d.config.concurrency,
      pollEveryMs: 500,
      onePerPartition: true,
      mayContinue: async (runId) => {
        if (await mayContinue(runId)) return true;
        await startSeparately('end-run', `end-${runId}`, { runId, reason: killedItsWorkers });
        d.log.error(await findLogFields(d, runId), 'ended a run because its worker died repeatedly');
        return false;
      },
      replaceOutdated: async (runId) => {
        const run = await findRun(d.db, runId);
        if (run?.status === 'running')
          await startSeparately('restart-run', `restart-${runId}`, { runId, reason: upgraded });
        // A queued run has done no work, so its workflow can restart with the same input.
        return run?.status !== 'queued';
      },
    },
    async (runId) => {
      const run = await mustFindRun(runId);
      // Someone stopped the run while it was queued.
      if (run.status === 'settled') return;
      await (run.workflow === 'answer-review'
        ? answerReview(run, reviewSteps)
        : implementIssue(run, implementSteps));
    },
  );

  defineWorkflow<EndedRun>('end-run', { concurrency: 20, pollEveryMs: 2000 }, async ({ runId, reason }) => {
    const run = await mustFindRun(runId);
    const outcome = (await endSteps.findOutcome(runId)) ?? { kind: 'failed', reason };
    await endRun(run, outcome, endSteps);
  });

  defineWorkflow<EndedRun>('restart-run', { concurrency: 20, pollEveryMs: 2000 }, async ({ runId, reason }) =>
    restartRun(await mustFindRun(runId), reason, restartSteps),
  );

  return {
    endCrashedRun: (runId) => startSeparately('end-run', `end-${runId}`, { runId, reason: crashed }),
  };
}

const killedItsWorkers = `The run was ended because its worker died ${maxAttempts} times in a row, and the run made no progress in between. The server's log has the details.`;

const crashed = "An internal error in Pullwright ended the run. The server's log has the details.";

const upgraded =
  'Pullwright was upgraded during the run, to a version that cannot continue it. Another run of the same request starts automatically.';
