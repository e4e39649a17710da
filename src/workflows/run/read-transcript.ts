import { workOnTask } from '../../agent/loop.js';
import type { Action, Conversation, Reply } from '../../agent/turn.js';
import type { Task } from '../../task/task.js';

/** One step of a run, as the engine keeps it. */
export interface RecordedStep {
  name: string;
  output: unknown;
}

/** What an earlier run of the same issue left: what it was to do, and all that was said. */
export interface Transcript {
  task: Task;
  conversation: Conversation;
  /** The last checkpoint of the agent's tree. */
  checkpoint: string;
}

/**
 * Reads a run's conversation out of its recorded steps, by going through the agent's loop again with what was replied and
 * done then.
 * @param steps in their order; steps that failed have no output
 * @returns null when the run never came to its task
 */
export async function readTranscript(steps: readonly RecordedStep[]): Promise<Transcript | null> {
  const outputsOf = <T>(name: string) =>
    steps.filter((step) => step.name === name && step.output != null).map(({ output }) => output as T);
  const [task] = outputsOf<Task>('readTask');
  if (!task) return null;
  const [opening] = outputsOf<Conversation>('openConversation');
  if (!opening) return { task, conversation: [], checkpoint: task.start.commit };
  const replies = outputsOf<Reply>('ask');
  const actions = outputsOf<Action>('act');
  const conversation = structuredClone(opening);
  let checkpoint = task.start.commit;
  const next = <T>(recorded: T[]): T => {
    const found = recorded.shift();
    if (found === undefined) throw new EndOfRecord();
    return found;
  };
  try {
    await workOnTask(
      {
        ask: async () => next(replies),
        act: async () => {
          const action = next(actions);
          checkpoint = action.checkpoint ?? checkpoint;
          if (action.outcome) conversation.push({ role: 'user', content: action.results });
          return action;
        },
      },
      {
        conversation,
        startCommit: task.start.commit,
        // What ended it then ends it again: the record.
        budget: {
          turns: Number.POSITIVE_INFINITY,
          tokens: Number.POSITIVE_INFINITY,
          dollars: Number.POSITIVE_INFINITY,
          minutes: Number.POSITIVE_INFINITY,
        },
        model: '',
      },
    );
  } catch (error) {
    if (!(error instanceof EndOfRecord)) throw error;
  }
  return { task, conversation, checkpoint };
}

class EndOfRecord extends Error {}
