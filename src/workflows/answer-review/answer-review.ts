import type { Work } from '../../agent/work.js';
import type { Run } from '../../database/run-store.js';
import { type Outcome, outcomeOf } from '../../runs/outcome.js';
import type { Task } from '../../task/task.js';
import type { ImplementIssueSteps } from '../implement-issue/implement-issue.js';
import { type Delivered, deliverChange } from '../run/deliver-change.js';
import { endRun } from '../run/end-run.js';

/** What this story does; every step is durable. It has those of the first story, and one more. */
export interface AnswerReviewSteps extends ImplementIssueSteps {
  /** Looks again whether the pull request is open, the review stands, and who asked still may. */
  start(run: Run): Promise<void>;
  /** The feedback, the branch as people left it, with a base that moved on merged in; the agent as it was pinned. */
  readTask(run: Run): Promise<Task>;
  /** Says in every thread, and of every failed check, what was done, and where; or why not. */
  answerThreads(task: Task, answered: Answered): Promise<void>;
  /** A run of its own for a base that conflicts with the branch. */
  reserveMerge(run: Run): Promise<Run>;
  announce(run: Run): Promise<void>;
  admit(run: Run): Promise<void>;
}

/** What came of the feedback; without work where the story broke off before. */
export interface Answered extends Delivered {
  work: Work | null;
}

/** From what was said of the bot's pull request to commits on it and an answer in every thread. */
export async function answerReview(run: Run, steps: AnswerReviewSteps): Promise<void> {
  let outcome: Outcome;
  let conflicts: string[] = [];
  try {
    await steps.start(run);
    const task = await steps.readTask(run);
    const answered = await turnFeedbackIntoCommits(task, steps);
    await steps.answerThreads(task, answered);
    outcome = answered.outcome;
    conflicts = isAtItsEnd(outcome) ? task.conflicts : [];
  } catch (error) {
    outcome = outcomeOf(error);
  }
  await endRun(run, outcome, steps);
  if (conflicts.length === 0) return;
  const merging = await steps.reserveMerge(run);
  await steps.announce(merging);
  await steps.admit(merging);
}

/** A merge that nobody asked for comes behind work that was done, not behind what was broken off or waits for an answer. */
function isAtItsEnd(outcome: Outcome): boolean {
  return (
    outcome.kind === 'pull-request' ||
    outcome.kind === 'refusal' ||
    (outcome.kind === 'draft' && !outcome.unfinished)
  );
}

/** However it ends: every thread is to be told. */
async function turnFeedbackIntoCommits(task: Task, steps: AnswerReviewSteps): Promise<Answered> {
  let work: Work | null = null;
  try {
    const project = await steps.prepareWorkspace(task);
    const before = await steps.runTestsBefore(task, project);

    const conversation = await steps.openConversation(task, project, before);
    work = await steps.work(task, project, conversation);
    if (work.outcome.kind === 'asked')
      return { work, commit: null, outcome: { kind: 'question', questions: work.outcome.questions } };

    return { work, ...(await deliverChange(task, project, work, before, steps)) };
  } catch (error) {
    return { work, commit: null, outcome: outcomeOf(error) };
  }
}
