import { findAskedPlace } from '../../database/open-questions.js';
import { wasCutShort } from '../../database/runs.js';
import { removeLabel } from '../../github/issues.js';
import { hasWriteAccess } from '../../github/permissions.js';
import { readOpenPull } from '../../github/pulls.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { Run } from '../../runs/run.js';
import { needsInfoLabel } from '../../task/needs-info.js';
import type { Dependencies } from '../dependencies.js';
import { beginRun } from '../run/steps/begin-run.js';

/**
 * Starts the run, and then checks that the pull request is open and the requester still has write access.
 * @throws RunEndedError when the run is no longer wanted
 */
export async function startFollowUp(d: Dependencies, run: Run): Promise<void> {
  await beginRun(d, run);
  const { db, github } = d;
  const { trigger } = run;
  const { repository, issue, sender } = trigger;
  const key = { repositoryId: repository.id, number: run.issueNumber };
  const askedAt = await findAskedPlace(db, key, run.id);
  // Nobody requested a run for a CI failure or a merge conflict. Such a run must not start if earlier work
  // was cut short or a question is open.
  if (trigger.kind === 'ci-failure' || trigger.kind === 'conflict') {
    if (await wasCutShort(db, key))
      throw superseded('The earlier work was cut short. `/implement` with instructions continues it.');
    if (askedAt !== null)
      throw superseded('An earlier question is still open, and its answer continues the work.');
  }
  const { headSha } = await readOpenPull(github, repository, issue.number);
  if (trigger.kind === 'ci-failure' && headSha !== trigger.headSha)
    throw superseded('The branch has a newer commit than the one that failed CI.');
  const needsAccess = trigger.kind !== 'answer' && sender.type === 'User';
  if (needsAccess && !(await hasWriteAccess(github, repository, sender)))
    throw new RunEndedError({
      kind: 'refusal',
      reason: { kind: 'write-access-lost', login: sender.login },
    });
  // The feedback answers or replaces the open question, so remove the label that says that the bot waits for
  // an answer.
  if (askedAt !== null) await removeLabel(github, repository, askedAt, needsInfoLabel);
}

function superseded(reason: string): RunEndedError {
  return new RunEndedError({ kind: 'stopped', reason, superseded: true });
}
