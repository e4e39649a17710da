import { appendEvent } from '../../../database/run-events.js';
import { findRun, listEarlierRuns, recordOutcome } from '../../../database/runs.js';
import { addLabel } from '../../../github/issues.js';
import { fieldsOfRun } from '../../../runs/log-fields.js';
import { type Outcome, RunEndedError } from '../../../runs/outcome.js';
import type { Run } from '../../../runs/run.js';
import { needsInfoLabel } from '../../../task/needs-info.js';
import type { Dependencies } from '../../dependencies.js';
import { redactOutcome } from '../redact-outcome.js';

/** Writes the outcome into the progress comment. If the outcome is a question, adds a label to the issue. */
export async function tellPeople(d: Dependencies, run: Run, ended: Outcome): Promise<void> {
  const { db, github, publisher, log } = d;
  const outcome = await redactOutcome(ended, publisher.redact);
  await appendEvent(db, run.id, { type: 'settled', outcome });
  await publisher.leave(run.id);
  try {
    const isSuperseded = outcome.kind === 'stopped' && outcome.superseded;
    const shown = isSuperseded ? await findRunBefore(d, run) : null;
    await publisher.showProgress(shown ?? run.id);
    // The label shows people that the issue waits for their answer.
    if (outcome.kind === 'question')
      await addLabel(github, run.trigger.repository, run.trigger.issue.number, needsInfoLabel);
  } catch (error) {
    // The issue was deleted or the App was uninstalled, so the bot cannot tell people. The run's record still
    // contains the outcome.
    if (!(error instanceof RunEndedError)) throw error;
    log.warn(
      { ...fieldsOfRun(run), reason: error.message },
      "could not write the run's outcome on its issue",
    );
  }
}

/** Stores the outcome and removes the run's workspace. */
export async function recordRunOutcome(d: Dependencies, run: Run, ended: Outcome): Promise<void> {
  const { db, workspaces, mcp, publisher, log } = d;
  const outcome = await redactOutcome(ended, publisher.redact);
  await recordOutcome(db, run.id, outcome);
  const about = { ...fieldsOfRun(run), url: run.trigger.issue.url, outcome };
  if (outcome.kind === 'failed') log.error(about, 'run failed');
  else log.info(about, 'run settled');
  await mcp.close(run.id);
  await workspaces.discard(run.id);
}

/**
 * Finds the latest run before the given run on the same issue or pull request. All runs on an issue or pull
 * request share one progress comment.
 */
async function findRunBefore({ db }: Dependencies, run: Run): Promise<string | null> {
  const { trigger, issueNumber: number } = run;
  for (const id of await listEarlierRuns(db, { repositoryId: trigger.repository.id, number }, run.id))
    if ((await findRun(db, id))?.trigger.issue.number === trigger.issue.number) return id;
  return null;
}
