import { workOnTask as runLoop } from '../../agent/loop.js';
import type { Opening } from '../../agent/turn.js';
import type { Work } from '../../runs/work.js';
import type { Task } from '../../task/task.js';
import type { ImplementIssueSteps } from '../implement-issue/steps.js';
import type { MeasureChange } from './measure-change.js';
import type { ProjectSetup } from './project-setup.js';

/**
 * Lets the agent work until its submission is accepted, it asks a question, or it reaches a limit of its
 * budget. The model's reply and the tool calls of each turn are separate durable steps. So are the
 * measurements of submitted work and the decision about it.
 */
export function workOnTask(
  task: Task,
  project: ProjectSetup,
  opening: Opening,
  measureChange: MeasureChange,
  steps: Pick<ImplementIssueSteps, 'ask' | 'recordReply' | 'act' | 'judgeSubmission' | 'compactConversation'>,
): Promise<Work> {
  return runLoop(
    {
      ask: async (turn, conversation) => {
        const reply = await steps.ask(task, opening, turn, conversation);
        await steps.recordReply(task, turn, reply);
        return reply;
      },
      act: (turn, reply, before, conversation) =>
        steps.act(task, project, turn, reply, before, { ...opening, conversation }),
      judge: async (turn, reply, action, work, mayReturn) => {
        const measurement = await measureChange(work);
        return steps.judgeSubmission(task, project, { turn, reply, action, work, measurement, mayReturn });
      },
      compact: (turn, conversation) => steps.compactConversation(task, opening, turn, conversation),
    },
    {
      // The loop appends to the conversation. Give it a copy, because a step's result must not change.
      conversation: structuredClone(opening.conversation),
      startCommit: task.start.commit,
      budget: task.budget,
      compactAt: opening.compactAt,
      model: task.model,
    },
  );
}
