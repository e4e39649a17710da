import type { TestRun } from '../../evidence/evidence.js';
import { judgeChange } from '../../evidence/judge-change.js';
import type { RefusalReason } from '../../runs/refusal-reason.js';
import type { Work } from '../../runs/work.js';
import type { Task } from '../../task/task.js';
import type { ImplementIssueSteps } from '../implement-issue/steps.js';
import type { Delivery } from './delivery.js';
import type { ProjectSetup } from './project-setup.js';

export type DeliverChangeSteps = Pick<
  ImplementIssueSteps,
  | 'findChange'
  | 'setUpChange'
  | 'runTestsAfter'
  | 'compareTests'
  | 'proveTests'
  | 'scanChange'
  | 'push'
  | 'openPullRequest'
  | 'writeCheckRun'
>;

/** Turns the agent's finished work into a pull request with measured evidence. */
export async function deliverChange(
  task: Task,
  project: ProjectSetup,
  work: Work,
  before: TestRun | null,
  steps: DeliverChangeSteps,
): Promise<Delivery> {
  const change = await steps.findChange(task, project, work);
  if (change === null) return { commit: null, outcome: { kind: 'refusal', reason: noChange(work) } };

  const packages = await steps.setUpChange(task, project, change);
  const after = await steps.runTestsAfter(task, project, change);
  const comparison = await steps.compareTests(task, project, change, { before, after });
  const proof = await steps.proveTests(task, project, change, { before, after });
  const findings = await steps.scanChange(task, project, change, work);
  const evidence = { before, after, comparison, proof, findings, packages, notes: project.notes };

  const verdict = judgeChange(work, evidence, task.settings);
  if (verdict.kind === 'blocked')
    return { commit: null, outcome: { kind: 'failed', reason: verdict.reason } };

  const commit = await steps.push(task, project, change, work);
  const { draftReasons } = verdict;
  const report = { change, commit, work, evidence, draftReasons };
  const pullRequest = await steps.openPullRequest(task, project, report);
  await steps.writeCheckRun(task, report);
  if (draftReasons.length === 0) return { commit, outcome: { kind: 'pull-request', ...pullRequest } };
  const unfinished = work.outcome.kind !== 'submitted';
  return { commit, outcome: { kind: 'draft', ...pullRequest, reasons: draftReasons, unfinished } };
}

function noChange({ outcome }: Work): RefusalReason {
  if (outcome.kind === 'submitted') return { kind: 'nothing-to-change', summary: outcome.submission.summary };
  return { kind: 'no-change', text: 'reason' in outcome ? outcome.reason : null };
}
