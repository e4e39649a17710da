import { describeFaults } from '../../../agent/describe-faults.js';
import { steerAgent } from '../../../agent/steer.js';
import type { Action } from '../../../agent/turn.js';
import { appendEvent } from '../../../database/run-events.js';
import { type Fault, findFaults, isGap } from '../../../evidence/find-faults.js';
import { summarizeFault } from '../../../messages/summarize-fault.js';
import type { Reply } from '../../../model/model.js';
import type { Work } from '../../../runs/work.js';
import type { Task } from '../../../task/task.js';
import type { Dependencies } from '../../dependencies.js';
import { takeMessages } from '../control/steering.js';
import { readStop } from '../control/stops.js';
import type { Measurement } from '../delivery.js';
import { openWorkspace } from '../open-workspace.js';
import type { ProjectSetup } from '../project-setup.js';

/** A reply that submits work, what its calls did, and what was measured about the work. */
export interface MeasuredSubmission {
  turn: number;
  reply: Reply;
  action: Action;
  work: Work;
  /** Null if the agent changed nothing. */
  measurement: Measurement | null;
  /** Whether the budget allows another turn. */
  mayReturn: boolean;
}

/** How often a run returns submitted work because of what was measured. */
const maxReturns = 2;

/**
 * Accepts submitted work, or returns it to the agent. Work is returned if it has faults that the agent can
 * fix, or if people sent messages while it was measured.
 * @returns the action of the turn. If the work is returned, its results contain the reasons, and it has no
 * outcome.
 */
export async function judgeSubmission(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  submission: MeasuredSubmission,
): Promise<Action> {
  const { turn, reply, action } = submission;
  const faults = await findReasonsToReturn(d, task, project, submission);
  const returned = faults.map(summarizeFault);
  if (faults.length > 0)
    await appendEvent(d.db, task.runId, { type: 'submission-returned', turn, because: returned });
  const messages = await takeMessages(d, task.runId, turn, faults.length === 0);
  const text = faults.length > 0 ? describeFaults(faults) : null;
  return {
    ...action,
    ...steerAgent(action, reply, messages, text),
    ...(faults.length > 0 && { returned }),
    ...(faults.some(isGap) && { showedGaps: true }),
    ...(faults.some(({ kind }) => kind === 'unsure') && { askedForFiles: true }),
  };
}

async function findReasonsToReturn(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  { action, work, measurement, mayReturn }: MeasuredSubmission,
): Promise<Fault[]> {
  if (!measurement || !mayReturn || work.returns.length >= maxReturns) return [];
  if (await readStop(d, task.runId)) return [];
  const { change, evidence, failures } = measurement;
  const workspace = await openWorkspace(d.workspaces, task, project);
  const changes = await workspace.readChanges(change, task.start.diffBase);
  const titles = [task.issue.title];
  const submission = action.outcome?.kind === 'submitted' ? action.outcome.submission : null;
  if (submission) titles.push(submission.title);
  const faults = findFaults(evidence, failures, changes, titles, submission?.endpoints ?? []);
  // If the agent submits the same content again, the faults are intended. But blocked content is not pushed.
  const last = work.returns.at(-1);
  const isIntended = last?.checkpoint === work.checkpoint && last.kept === work.keep.length;
  const hasSeenGaps = work.returns.some(({ showedGaps }) => showedGaps);
  const wasAsked = work.returns.some(({ askedForFiles }) => askedForFiles);
  const isKnown = (fault: Fault) => (hasSeenGaps && isGap(fault)) || (wasAsked && fault.kind === 'unsure');
  return faults.filter((fault) => fault.kind === 'blocked' || !(isIntended || isKnown(fault)));
}
