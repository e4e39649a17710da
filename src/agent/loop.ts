import type Anthropic from '@anthropic-ai/sdk';
import { type Budget, reachedLimit } from './budget.js';
import type { Action, Conversation, Reply } from './turn.js';
import type { Spend, Work } from './work.js';

/** The two halves of a turn, each a durable step. */
export interface TurnSteps {
  ask(turn: number, conversation: Conversation): Promise<Reply>;
  /** @param before the checkpoint that the reply was given at */
  act(turn: number, reply: Reply, before: string): Promise<Action>;
}

interface Start {
  /** What was said so far, its last message the one that says what is to be done; what is said is added to it. */
  conversation: Conversation;
  /** What the work starts from. */
  startCommit: string;
  budget: Budget;
  model: string;
}

/** A turn is worth a warning when so few are left. */
const warnTurnsLeft = 3;
/** So many replies in a row that are the same, or that call nothing, end the work. */
const maxRepetitions = 4;
const maxIdle = 2;

/** Ask, act, checkpoint; ask, act, checkpoint; until the agent submits, asks, gives up, or a budget ends it. */
export async function workOnTask(steps: TurnSteps, start: Start): Promise<Work> {
  const { conversation } = start;
  let spend: Spend = {
    turns: 0,
    inputTokens: 0,
    cacheWriteTokens: 0,
    cacheReadTokens: 0,
    outputTokens: 0,
    dollars: 0,
    model: start.model,
  };
  let checkpoint = start.startCommit;
  let startedAt: number | null = null;
  let idle = 0;
  const replies: string[] = [];
  let held: Action['outcome'] = null;
  const end = (outcome: Work['outcome']): Work => ({ checkpoint, spend, outcome });

  for (let turn = 1; ; turn++) {
    const reply = await steps.ask(turn, conversation);
    if (reply.stopReason === 'stopped')
      return end({ kind: 'stopped', reason: reply.stoppedReason ?? 'it was stopped' });
    spend = add(spend, reply);
    startedAt ??= reply.at - reply.durationMs;
    if (reply.stopReason === 'context-overflow')
      return end({ kind: 'budget', reason: "the conversation no longer fits into the model's context" });
    if (reply.stopReason === 'refusal')
      return end({ kind: 'gave-up', reason: 'the model declined to go on' });
    // A message without content is refused; one by the user right behind another is not, but then who spoke is unclear.
    const said: Anthropic.ContentBlockParam[] =
      reply.content.length > 0 ? reply.content : [{ type: 'text', text: '[no text]' }];
    conversation.push({ role: 'assistant', content: said });

    const calls = reply.content.filter((block) => block.type === 'tool_use');
    if (calls.length > 0) {
      idle = 0;
      const action = await steps.act(turn, reply, checkpoint);
      checkpoint = action.checkpoint ?? checkpoint;
      held = action.held ?? null;
      if (action.outcome) return end(action.outcome);
      replies.push(JSON.stringify(calls.map(({ name, input }) => [name, input])));
      if (isRepeating(replies))
        return end({ kind: 'gave-up', reason: `it made the same call ${maxRepetitions} times in a row` });
      conversation.push({ role: 'user', content: [...action.results, ...warn(turn, start.budget)] });
    } else {
      idle += 1;
      if (idle > maxIdle) return end({ kind: 'gave-up', reason: 'it stopped without submitting its work' });
      const text =
        reply.stopReason === 'max_tokens'
          ? 'Your reply reached the length limit and was cut. Go on in smaller steps.'
          : 'Nothing was called. Call submit when the work is done, ask_question when the requirement is unclear, or go on with another tool.';
      conversation.push({ role: 'user', content: [{ type: 'text', text }] });
    }
    const limit = reachedLimit(spend, reply.at - startedAt, start.budget);
    if (limit) return end(held ?? { kind: 'budget', reason: limit });
  }
}

function add(spend: Spend, { usage, dollars }: Reply): Spend {
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
      text: `${warnTurnsLeft} turns are left. Bring the work to a state that can be reviewed, and submit.`,
    },
  ];
}
