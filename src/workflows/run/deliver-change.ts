import { judgeChange } from '../../evidence/judge-change.js';
import type { RefusalReason } from '../../runs/refusal-reason.js';
import type { Work } from '../../runs/work.js';
import type { Task } from '../../task/task.js';
import type { ImplementIssueSteps } from '../implement-issue/steps.js';
import type { Delivery, Measurement } from './delivery.js';
import type { ProjectSetup } from './project-setup.js';

export type DeliverChangeSteps = Pick<ImplementIssueSteps, 'push' | 'openPullRequest' | 'writeCheckRun'>;

/**
 * Turns the agent's finished work into a pull request with measured evidence.
 * @param measurement null if the agent changed nothing
 */
export async function deliverChange(
  task: Task,
  project: ProjectSetup,
  work: Work,
  measurement: Measurement | null,
  steps: DeliverChangeSteps,
): Promise<Delivery> {
  if (measurement === null) return { commit: null, outcome: { kind: 'refusal', reason: noChange(work) } };
  const { change, evidence } = measurement;
  const verdict = judgeChange(work, evidence, task.settings);
  if (verdict.kind === 'blocked')
    return { commit: null, outcome: { kind: 'failed', reason: verdict.reason } };

  const commit = await steps.push(task, project, change, work);
  const { draftReasons } = verdict;
  const report = { change, commit, work, evidence, draftReasons };
  const pullRequest = await steps.openPullRequest(task, report);
  await steps.writeCheckRun(task, report);
  if (draftReasons.length === 0) return { commit, outcome: { kind: 'pull-request', ...pullRequest } };
  const unfinished = work.outcome.kind !== 'submitted';
  return { commit, outcome: { kind: 'draft', ...pullRequest, reasons: draftReasons, unfinished } };
}

function noChange({ outcome }: Work): RefusalReason {
  if (outcome.kind === 'submitted') return { kind: 'nothing-to-change', summary: outcome.submission.summary };
  return { kind: 'no-change', text: 'reason' in outcome ? outcome.reason : null };
}
