import type Anthropic from '@anthropic-ai/sdk';
import { dropThinking } from '../model/drop-thinking.js';
import type { Compaction, Conversation, Cost, Reply } from '../model/model.js';
import type { Spend, Work } from '../runs/work.js';
import { type Budget, BudgetWatch } from './budget.js';
import type { Action } from './turn.js';

/** The durable steps of a turn: the model replies, then the tools run. If necessary, compaction follows. */
export interface TurnSteps {
  ask(turn: number, conversation: Conversation): Promise<Reply>;
  /**
   * Runs the reply's tool calls.
   * @param before the commit of the agent's tree when the model replied
   * @param asked the conversation that the model replied to
   */
  act(turn: number, reply: Reply, before: string, asked: Conversation): Promise<Action>;
  /** Replaces the conversation by a shorter one, before it exceeds the model's context. */
  compact(turn: number, conversation: Conversation): Promise<Compaction>;
}

interface Start {
  /** The conversation so far. Its last message tells the model what to do. The loop appends to this array. */
  conversation: Conversation;
  /** The commit whose content the agent's tree has at the start. */
  startCommit: string;
  budget: Budget;
  /** The model's id. */
  model: string;
  /** The conversation is compacted when a turn used this number of tokens. */
  compactAt: number;
}

/** The work ends after this many consecutive replies with identical tool calls. */
const maxRepetitions = 4;
/** The work ends after more than this many consecutive replies without a tool call. */
const maxIdleReplies = 2;

/**
 * Runs the agent's loop: asks the model for a reply, runs the tool calls in the reply, and repeats. The loop
 * ends when the agent ends its work, a user stops the run, a limit is reached, or the model cannot continue.
 */
export async function workOnTask(steps: TurnSteps, start: Start): Promise<Work> {
  const { conversation } = start;
  const budget = new BudgetWatch(start.budget);
  let spend = { ...noSpend, model: start.model };
  let checkpoint = start.startCommit;
  // The time of the replies and of the calls. The time that a run waits, for example for the model, does not
  // count.
  let workedMs = 0;
  let idleReplies = 0;
  let isCompacted = false;
  const replies: string[] = [];
  let deferred: Action['outcome'] = null;
  const end = (outcome: Work['outcome']): Work => ({ checkpoint, spend, outcome });
  const compact = async (turn: number) => {
    const shorter = await steps.compact(turn, conversation);
    spend = addCost(spend, shorter.cost);
    replaceBy(conversation, shorter.conversation);
    isCompacted = true;
  };

  for (let turn = 1; ; turn++) {
    const reply = await steps.ask(turn, conversation);
    if (reply.stopReason === 'stopped')
      return end({ kind: 'stopped', reason: reply.stoppedReason ?? 'It was stopped.' });
    spend = addCost({ ...spend, turns: spend.turns + 1 }, reply);
    if (reply.droppedThinking) replaceBy(conversation, dropThinking(conversation));
    workedMs += reply.durationMs;
    if (isOverflow(reply) && !isCompacted) {
      await compact(turn);
      continue;
    }
    const early = endOfReply(reply);
    if (early) return end(early);
    const asked = [...conversation];
    conversation.push({ role: 'assistant', content: contentOf(reply) });

    let next: Anthropic.ContentBlockParam[] = [{ type: 'text', text: askForCall(reply) }];
    const calls = reply.content.filter((block) => block.type === 'tool_use');
    if (calls.length > 0) {
      idleReplies = 0;
      const action = await steps.act(turn, reply, checkpoint, asked);
      checkpoint = action.checkpoint ?? checkpoint;
      deferred = action.deferredOutcome ?? null;
      workedMs += action.durationMs;
      if (action.cost) spend = addCost(spend, action.cost);
      if (action.outcome) return end(action.outcome);
      replies.push(JSON.stringify(calls.map(({ name, input }) => [name, input])));
      if (isRepeating(replies))
        return end({ kind: 'gave-up', reason: `it made the same call ${maxRepetitions} times in a row` });
      next = action.results;
    } else {
      idleReplies += 1;
      if (idleReplies > maxIdleReplies)
        return end({ kind: 'gave-up', reason: 'it stopped without submitting its work' });
    }
    const { reached, warnings } = budget.afterTurn(spend, workedMs, checkpoint);
    if (warnings.length > 0) next = [...next, { type: 'text', text: warnings.join(' ') }];
    conversation.push({ role: 'user', content: next });
    if (reached) return end(deferred ?? { kind: 'budget', reason: reached });
    isCompacted = false;
    if (tokensOf(reply) >= start.compactAt) await compact(turn);
  }
}

function replaceBy(conversation: Conversation, other: Conversation): void {
  conversation.splice(0, conversation.length, ...other);
}

/**
 * Returns the reply's content. An empty reply gets a placeholder text, because the API refuses messages
 * without content. Leaving the reply out would put two user messages in a row.
 */
function contentOf({ content }: Reply): Anthropic.ContentBlockParam[] {
  return content.length > 0 ? content : [{ type: 'text', text: '[no text]' }];
}

/** Returns how long the conversation is after a reply, in tokens. */
function tokensOf({ usage }: Reply): number {
  return usage.inputTokens + usage.cacheWriteTokens + usage.cacheReadTokens + usage.outputTokens;
}

const isOverflow = ({ stopReason }: Reply) => stopReason === 'context-overflow';

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
function endOfReply(reply: Reply): Work['outcome'] | null {
  if (isOverflow(reply))
    return { kind: 'budget', reason: "the conversation no longer fits into the model's context" };
  return reply.stopReason === 'refusal'
    ? { kind: 'gave-up', reason: 'the model declined to continue' }
    : null;
}

/** Returns the message that the model gets after a reply without a tool call. */
function askForCall({ stopReason }: Reply): string {
  return stopReason === 'max_tokens'
    ? 'Your reply reached its length limit and was cut off. Continue in smaller steps.'
    : 'You called no tool. Call submit if the work is done, ask_question if the requirement is unclear, or ' +
        'continue with another tool.';
}

function addCost(spend: Spend, { usage, dollars }: Cost): Spend {
  return {
    ...spend,
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
