import { workOnTask as runLoop } from '../../agent/loop.js';
import type { Action, Opening } from '../../agent/turn.js';
import type { Compaction, Conversation, Reply } from '../../model/model.js';
import type { Task } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';

/** The stored task and conversation of an earlier run. */
export interface Transcript {
  task: Task;
  conversation: Conversation;
  /**
   * The commit of the agent's last checkpoint, or the commit that the work started from if there is none.
   */
  checkpoint: string;
}

/**
 * Reads the transcript of a run from its stored steps.
 * @returns null when the run never read its task, or its steps were deleted
 */
export async function readTranscript(
  { queue }: Pick<Dependencies, 'queue'>,
  runId: string,
): Promise<Transcript | null> {
  return replaySteps(await queue.readSteps(runId));
}

const unlimited = { turns: Infinity, tokens: Infinity, dollars: null, minutes: Infinity, extension: 0 };

/**
 * Rebuilds the conversation from a run's stored steps. Runs the agent's loop again, but takes the replies and
 * actions from the stored steps instead of calling the model and the tools.
 * @param steps the run's steps in order; a failed step has no output
 */
async function replaySteps(steps: readonly { name: string; output: unknown }[]): Promise<Transcript | null> {
  const outputsOf = <T>(name: string) =>
    steps.filter((step) => step.name === name && step.output != null).map(({ output }) => output as T);
  const [task] = outputsOf<Task>('read-task');
  if (!task) return null;
  const [opening] = outputsOf<Opening>('open-conversation');
  if (!opening) return { task, conversation: [], checkpoint: task.start.commit };
  const replies = outputsOf<Reply>('ask');
  const actions = outputsOf<Action>('act');
  const judgments = outputsOf<Action>('judge-submission');
  const compactions = outputsOf<Compaction>('compact-conversation');
  const conversation = structuredClone(opening.conversation);
  let checkpoint = task.start.commit;
  const next = <T>(recorded: T[]): T => {
    const found = recorded.shift();
    if (found === undefined) throw new EndOfRecord();
    return found;
  };
  const act = async () => {
    const action = next(actions);
    checkpoint = action.checkpoint ?? checkpoint;
    if (action.outcome?.kind === 'asked') conversation.push({ role: 'user', content: action.results });
    return action;
  };
  const judge = async (_turn: number, _reply: Reply, submitted: Action) => {
    // If the run ended before the judgment was stored, the results of the turn are still known.
    const action = judgments.shift() ?? submitted;
    if (action.outcome) conversation.push({ role: 'user', content: action.results });
    return action;
  };
  try {
    // The budget is unlimited, because the loop must end exactly where the stored replies and actions end.
    await runLoop(
      { ask: async () => next(replies), act, judge, compact: async () => next(compactions) },
      {
        conversation,
        startCommit: task.start.commit,
        budget: unlimited,
        model: task.model,
        compactAt: opening.compactAt,
      },
    );
  } catch (error) {
    if (!(error instanceof EndOfRecord)) throw error;
  }
  return { task, conversation, checkpoint };
}

class EndOfRecord extends Error {}
