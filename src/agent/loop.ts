import type Anthropic from '@anthropic-ai/sdk';
import { dropThinking } from '../model/drop-thinking.js';
import type { Conversation, Reply } from '../model/model.js';
import type { Spend, Work } from '../runs/work.js';
import { type Budget, reachedLimit } from './budget.js';
import type { Action } from './turn.js';

/** The two durable steps of a turn: the model replies, then the tools run. */
export interface TurnSteps {
  ask(turn: number, conversation: Conversation): Promise<Reply>;
  /** Runs the reply's tool calls. `before` is the commit of the agent's tree when the model replied. */
  act(turn: number, reply: Reply, before: string): Promise<Action>;
}

interface Start {
  /** The conversation so far. Its last message tells the model what to do. The loop appends to this array. */
  conversation: Conversation;
  /** The commit whose content the agent's tree has at the start. */
  startCommit: string;
  budget: Budget;
  /** The model's id. */
  model: string;
}

/** When this many turns are left, the agent gets a warning. */
const warnTurnsLeft = 3;
/** The work ends after this many consecutive replies with identical tool calls. */
const maxRepetitions = 4;
/** The work ends after more than this many consecutive replies without a tool call. */
const maxIdleReplies = 2;

/**
 * Runs the agent's loop: asks the model for a reply, runs the tool calls in the reply, and repeats. The loop
 * ends when the agent ends its work, a user stops the run, a limit is reached, or the model cannot continue.
 */
export async function workOnTask(steps: TurnSteps, start: Start): Promise<Work> {
  const { conversation, budget } = start;
  let spend = { ...noSpend, model: start.model };
  let checkpoint = start.startCommit;
  let startedAt: number | null = null;
  let idleReplies = 0;
  const replies: string[] = [];
  let deferred: Action['outcome'] = null;
  const end = (outcome: Work['outcome']): Work => ({ checkpoint, spend, outcome });

  for (let turn = 1; ; turn++) {
    const reply = await steps.ask(turn, conversation);
    if (reply.stopReason === 'stopped')
      return end({ kind: 'stopped', reason: reply.stoppedReason ?? 'It was stopped.' });
    spend = addUsage(spend, reply);
    if (reply.droppedThinking) conversation.splice(0, conversation.length, ...dropThinking(conversation));
    startedAt ??= reply.at - reply.durationMs;
    const early = endOfReply(reply);
    if (early) return end(early);
    // An empty reply gets a placeholder text, because the API refuses messages without content. Leaving the
    // reply out would put two user messages in a row.
    const content: Anthropic.ContentBlockParam[] =
      reply.content.length > 0 ? reply.content : [{ type: 'text', text: '[no text]' }];
    conversation.push({ role: 'assistant', content });

    const calls = reply.content.filter((block) => block.type === 'tool_use');
    if (calls.length > 0) {
      idleReplies = 0;
      const action = await steps.act(turn, reply, checkpoint);
      checkpoint = action.checkpoint ?? checkpoint;
      deferred = action.deferredOutcome ?? null;
      if (action.outcome) return end(action.outcome);
      replies.push(JSON.stringify(calls.map(({ name, input }) => [name, input])));
      if (isRepeating(replies))
        return end({ kind: 'gave-up', reason: `it made the same call ${maxRepetitions} times in a row` });
      conversation.push({ role: 'user', content: [...action.results, ...warn(turn, budget)] });
    } else {
      idleReplies += 1;
      if (idleReplies > maxIdleReplies)
        return end({ kind: 'gave-up', reason: 'it stopped without submitting its work' });
      conversation.push({ role: 'user', content: [{ type: 'text', text: askForCall(reply) }] });
    }
    const limit = reachedLimit(spend, reply.at - startedAt, budget);
    if (limit) return end(deferred ?? { kind: 'budget', reason: limit });
  }
}

const noSpend: Spend = {
  turns: 0,
  inputTokens: 0,
  cacheWriteTokens: 0,
  cacheReadTokens: 0,
  outputTokens: 0,
  dollars: 0,
  model: '',
};

/** Returns the outcome of the work if the model cannot continue after this reply. Otherwise returns null. */
function endOfReply({ stopReason }: Reply): Work['outcome'] | null {
  if (stopReason === 'context-overflow')
    return { kind: 'budget', reason: "the conversation no longer fits into the model's context" };
  return stopReason === 'refusal' ? { kind: 'gave-up', reason: 'the model declined to continue' } : null;
}

/** Returns the message that the model gets after a reply without a tool call. */
function askForCall({ stopReason }: Reply): string {
  return stopReason === 'max_tokens'
    ? 'Your reply reached its length limit and was cut off. Continue in smaller steps.'
    : 'You called no tool. Call submit if the work is done, ask_question if the requirement is unclear, or ' +
        'continue with another tool.';
}

function addUsage(spend: Spend, { usage, dollars }: Reply): Spend {
  return {
    model: spend.model,
    turns: spend.turns + 1,
    inputTokens: spend.inputTokens + usage.inputTokens,
    cacheWriteTokens: spend.cacheWriteTokens + usage.cacheWriteTokens,
    cacheReadTokens: spend.cacheReadTokens + usage.cacheReadTokens,
    outputTokens: spend.outputTokens + usage.outputTokens,
    dollars: spend.dollars === null || dollars === null ? null : spend.dollars + dollars,
  };
}

function isRepeating(replies: string[]): boolean {
  const last = replies.slice(-maxRepetitions);
  return last.length === maxRepetitions && new Set(last).size === 1;
}

function warn(turn: number, budget: Budget): Anthropic.TextBlockParam[] {
  if (budget.turns - turn !== warnTurnsLeft) return [];
  return [
    {
      type: 'text',
      text: `You have ${warnTurnsLeft} turns left. Get the work ready for review and call submit.`,
    },
  ];
}
