import { type Outcome, outcomeOf } from '../../runs/outcome.js';
import type { Run } from '../../runs/run.js';
import { deliverChange } from '../run/deliver-change.js';
import { endRun } from '../run/end-run.js';
import { createMeasureChange } from '../run/measure-change.js';
import { requireUsableTests } from '../run/project-setup.js';
import { workOnTask } from '../run/work-on-task.js';
import { isPlanOnly, showPlan } from './show-plan.js';
import type { ImplementIssueSteps } from './steps.js';

/** Carries out a queued run. People are told its outcome, unless nobody requested it and it has no work. */
export async function implementIssue(run: Run, steps: ImplementIssueSteps): Promise<void> {
  let outcome: Outcome;
  try {
    outcome = await turnIssueIntoPullRequest(run, steps);
  } catch (error) {
    outcome = outcomeOf(error);
  }
  await endRun(run, outcome, steps);
}

async function turnIssueIntoPullRequest(run: Run, steps: ImplementIssueSteps): Promise<Outcome> {
  await steps.startRun(run);
  const task = await steps.readTask(run);
  const setUp = await steps.setUpProject(task);
  const before = await steps.runTestsBefore(task, setUp);
  if (isPlanOnly(run)) return showPlan(setUp, before);
  const project = requireUsableTests(task, setUp, before);

  const opening = await steps.openConversation(task, project, before);
  const measureChange = createMeasureChange(task, project, before, steps);
  const work = await workOnTask(task, project, opening, measureChange, steps);
  if (work.outcome.kind === 'asked') return { kind: 'question', questions: work.outcome.questions };

  const measurement = await measureChange(work);
  const { outcome } = await deliverChange(task, project, work, measurement, steps);
  return outcome;
}
