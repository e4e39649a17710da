import { wasCancelledSince } from '../../database/deliveries.js';
import { findAskedPlace } from '../../database/open-questions.js';
import { readIssue, removeLabel } from '../../github/issues.js';
import { hasWriteAccess } from '../../github/permissions.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { Run } from '../../runs/run.js';
import { needsInfoLabel } from '../../task/needs-info.js';
import { isRetracted } from '../accept-trigger/is-retracted.js';
import type { Dependencies } from '../dependencies.js';
import { beginRun } from '../run/steps/begin-run.js';

/**
 * If a run was queued for longer than this, the issue's state and the requester's access are checked again.
 */
const freshMs = 60_000;

/**
 * Starts the run, checks whether the request is still valid, and removes the label that requested the run.
 * @throws RunEndedError when the run is no longer wanted
 */
export async function startRun(d: Dependencies, run: Run): Promise<void> {
  await beginRun(d, run);
  const { github, db } = d;
  const { trigger } = run;
  const { repository } = trigger;
  const waitedMs = d.now().getTime() - run.createdAt.getTime();
  // People may have closed the issue or removed the label before this run was in the queue. At that time,
  // there was no run to stop. Therefore, check for such a cancellation now.
  const wasCancelled = await wasCancelledSince(db, trigger);
  if (waitedMs > freshMs || wasCancelled) await checkAgain(d, run);
  if (wasCancelled && (await isRetracted(github, trigger)))
    throw new RunEndedError({ kind: 'stopped', reason: 'The request was withdrawn before the run started.' });
  if (trigger.kind === 'label') await removeLabel(github, repository, trigger.issue.number, trigger.label);
  const askedAt = await findAskedPlace(db, { repositoryId: repository.id, number: run.issueNumber }, run.id);
  if (askedAt !== null) await removeLabel(github, repository, askedAt, needsInfoLabel);
}

async function checkAgain({ github }: Dependencies, { trigger }: Run): Promise<void> {
  const { repository, issue, sender } = trigger;
  const { isOpen } = await readIssue(github, repository, issue.number);
  if (!isOpen)
    throw new RunEndedError({ kind: 'stopped', reason: 'The issue was closed while the run was queued.' });
  // The issue's author can answer a question without write access, so do not check the access of the person
  // who answered.
  if (trigger.kind !== 'answer' && !(await hasWriteAccess(github, repository, sender)))
    throw new RunEndedError({
      kind: 'refusal',
      reason: { kind: 'write-access-lost', login: sender.login },
    });
}
