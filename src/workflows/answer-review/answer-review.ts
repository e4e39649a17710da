import { type Outcome, outcomeOf } from '../../runs/outcome.js';
import type { Run } from '../../runs/run.js';
import type { Work } from '../../runs/work.js';
import type { Task } from '../../task/task.js';
import { deliverChange } from '../run/deliver-change.js';
import { endRun } from '../run/end-run.js';
import { createMeasureChange } from '../run/measure-change.js';
import { requireUsableTests } from '../run/project-setup.js';
import { workOnTask } from '../run/work-on-task.js';
import type { FeedbackResult } from './answers.js';
import type { AnswerReviewSteps } from './steps.js';

/** Turns feedback on the bot's pull request into commits, and replies in every review thread. */
export async function answerReview(run: Run, steps: AnswerReviewSteps): Promise<void> {
  let outcome: Outcome;
  let conflicts: string[] = [];
  try {
    await steps.startRun(run);
    const task = await steps.readTask(run);
    const result = await turnFeedbackIntoCommits(task, steps);
    await steps.answerThreads(task, result);
    outcome = result.outcome;
    conflicts = isFinished(outcome) ? task.conflicts : [];
  } catch (error) {
    outcome = outcomeOf(error);
  }
  await endRun(run, outcome, steps);

  // If new commits of the base branch conflict with the pull request, a separate run merges these commits.
  if (conflicts.length === 0) return;
  const merge = await steps.reserveMerge(run);
  await steps.announceRun(merge);
  await steps.admitRun(merge);
}

/**
 * Works on the feedback. Never throws, because the caller must reply in every thread even if the work fails.
 */
async function turnFeedbackIntoCommits(task: Task, steps: AnswerReviewSteps): Promise<FeedbackResult> {
  let work: Work | null = null;
  try {
    const setUp = await steps.setUpProject(task);
    const before = await steps.runTestsBefore(task, setUp);
    const project = requireUsableTests(task, setUp, before);

    const opening = await steps.openConversation(task, project, before);
    const measureChange = createMeasureChange(task, project, before, steps);
    work = await workOnTask(task, project, opening, measureChange, steps);
    if (work.outcome.kind === 'asked')
      return { work, commit: null, outcome: { kind: 'question', questions: work.outcome.questions } };

    const measurement = await measureChange(work);
    return { work, ...(await deliverChange(task, project, work, measurement, steps)) };
  } catch (error) {
    return { work, commit: null, outcome: outcomeOf(error) };
  }
}

/**
 * Returns whether a run that merges the base branch may start after a run with this outcome. Nobody requested
 * the merge, so it must not follow a question or unfinished work.
 */
function isFinished(outcome: Outcome): boolean {
  if (outcome.kind === 'draft') return !outcome.unfinished;
  return outcome.kind === 'pull-request' || outcome.kind === 'refusal';
}
