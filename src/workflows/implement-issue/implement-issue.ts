import type { Conversation } from '../../agent/turn.js';
import type { Work } from '../../agent/work.js';
import type { Run } from '../../database/run-store.js';
import type { TestRun } from '../../evidence/evidence.js';
import { type Outcome, outcomeOf } from '../../runs/outcome.js';
import type { Task } from '../../task/task.js';
import { type DeliverChangeSteps, deliverChange } from '../run/deliver-change.js';
import { type EndRunSteps, endRun } from '../run/end-run.js';
import type { ProjectSetup } from '../run/project-setup.js';

/** What this story does. Each step is durable: its result is in Postgres, and a killed run goes on behind it. */
export interface ImplementIssueSteps extends DeliverChangeSteps, EndRunSteps {
  /** Takes the label off; asks again who may and what is open when the run had to wait in line. */
  start(run: Run): Promise<void>;
  /** Settings, agent, base commit, conversation: what is to be done, fixed from here on. */
  readTask(run: Run): Promise<Task>;
  /** Clones, opens the sandbox, installs dependencies, finds out how the tests are run. */
  prepareWorkspace(task: Task): Promise<ProjectSetup>;
  runTestsBefore(task: Task, project: ProjectSetup): Promise<TestRun | null>;
  /** What the agent is told first; where an earlier run's work goes on, after all that was said there. */
  openConversation(task: Task, project: ProjectSetup, before: TestRun | null): Promise<Conversation>;
  /** Ask, act, checkpoint; ask, act, checkpoint: not one step, but two for every turn. */
  work(task: Task, project: ProjectSetup, conversation: Conversation): Promise<Work>;
}

/** From a queued run to a settled one, whatever happens. */
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
  await steps.start(run);
  const task = await steps.readTask(run);
  const project = await steps.prepareWorkspace(task);
  const before = await steps.runTestsBefore(task, project);

  const conversation = await steps.openConversation(task, project, before);
  const work = await steps.work(task, project, conversation);
  if (work.outcome.kind === 'asked') return { kind: 'question', questions: work.outcome.questions };

  const { outcome } = await deliverChange(task, project, work, before, steps);
  return outcome;
}
