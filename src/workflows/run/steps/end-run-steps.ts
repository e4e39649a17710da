import { appendEvent } from '../../../database/run-events.js';
import { findRun, listEarlierRuns, recordOutcome } from '../../../database/runs.js';
import { addLabel, findIssue } from '../../../github/issues.js';
import { requestReview } from '../../../github/pulls.js';
import { fieldsOfRun } from '../../../runs/log-fields.js';
import type { Outcome } from '../../../runs/outcome.js';
import type { Run } from '../../../runs/run.js';
import { needsInfoLabel } from '../../../task/needs-info.js';
import type { Dependencies } from '../../dependencies.js';
import { ifGitHubAllows } from '../../if-github-allows.js';
import { findPersonToTell } from '../control/find-person-to-tell.js';
import { redactOutcome } from '../redact-outcome.js';

/**
 * Tells people how the run ended: in the progress comment, and in a new comment for the requester. If the
 * outcome is a question, adds a label to the issue. If it is a pull request that is ready, requests a review.
 */
export async function tellPeople(d: Dependencies, run: Run, ended: Outcome): Promise<void> {
  const { db, github, publisher, log } = d;
  const { repository, issue } = run.trigger;
  const about = fieldsOfRun(run);
  const outcome = await redactOutcome(ended, publisher.redact);
  await appendEvent(db, run.id, { type: 'settled', outcome });
  await publisher.leave(run.id);
  await ifGitHubAllows(log, about, "could not write the run's outcome on its issue", async () => {
    const isSuperseded = outcome.kind === 'stopped' && outcome.superseded;
    const shown = isSuperseded ? await findRunBefore(d, run) : null;
    await publisher.showProgress(shown ?? run.id);
    await publisher.tellEnding(run, outcome);
    // The label shows people that the issue waits for their answer.
    if (outcome.kind === 'question') await addLabel(github, repository, issue.number, needsInfoLabel);
  });
  if (outcome.kind === 'pull-request')
    await ifGitHubAllows(log, about, 'could not request a review', () =>
      requestReviews(d, run, outcome.number),
    );
}

/**
 * Requests a review from the person who asked for the work. If GitHub does not accept this person, requests
 * it from the issue's assignees. GitHub itself adds the code owners. No person asked for a repair of CI or
 * for a merge of the base branch.
 */
async function requestReviews({ db, github }: Dependencies, run: Run, pull: number): Promise<void> {
  const { kind, repository } = run.trigger;
  if (kind === 'ci-failure' || kind === 'conflict') return;
  const person = await findPersonToTell(db, run);
  const isRequested = person !== null && (await requestReview(github, repository, pull, [person.login]));
  if (isRequested) return;
  const assignees = (await findIssue(github, repository, run.issueNumber))?.assignees ?? [];
  if (assignees.length > 0) await requestReview(github, repository, pull, assignees);
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
