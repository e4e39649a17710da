import type Anthropic from '@anthropic-ai/sdk';
import { dropThinking } from '../model/drop-thinking.js';
import type { Compaction, Conversation, Cost, Reply } from '../model/model.js';
import type { Spend, Work } from '../runs/work.js';
import { type Budget, BudgetWatch } from './budget.js';
import type { Action, TouchedFiles } from './turn.js';

/**
 * The durable steps of a turn: the model replies, the tools run, and submitted work is judged. If necessary,
 * compaction follows.
 */
export interface TurnSteps {
  ask(turn: number, conversation: Conversation): Promise<Reply>;
  /**
   * Runs the reply's tool calls.
   * @param before the commit of the agent's tree when the model replied
   * @param asked the conversation that the model replied to
   */
  act(turn: number, reply: Reply, before: string, asked: Conversation): Promise<Action>;
  /**
   * Measures and judges the work that a reply submitted.
   * @param action the action of the reply. Its outcome is the submission.
   * @param work the agent's work, as it ends if the submission is accepted
   * @param mayReturn whether the budget allows another turn
   * @returns the same action if the submission is accepted. Otherwise, an action without an outcome, in which
   * the result of `submit` says what is wrong.
   */
  judge(turn: number, reply: Reply, action: Action, work: Work, mayReturn: boolean): Promise<Action>;
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

/**
 * Runs the agent's loop: asks the model for a reply, runs the tool calls in the reply, and repeats. The loop
 * ends when the agent ends its work, a user stops the run, a limit is reached, or the model cannot continue.
 */
export async function workOnTask(steps: TurnSteps, start: Start): Promise<Work> {
  const { conversation } = start;
  const budget = new BudgetWatch(start.budget);
  let spend = { ...noSpend, model: start.model };
  let checkpoint = start.startCommit;
  // The time of the replies and of the calls. The time that a run waits does not count.
  let workedMs = 0;
  const [stalls, pauses] = [new StallWatch(), new PauseWatch()];
  let isCompacted = false;
  let deferred: Action['outcome'] = null;
  let returns: Work['returns'] = [];
  let files: Files = { ignoredFiles: [], edited: [], testsWrote: [], keep: [] };
  const end = (outcome: Work['outcome']): Work => ({ checkpoint, spend, returns, ...files, outcome });
  const compact = async (turn: number) => {
    const shorter = await steps.compact(turn, conversation);
    spend = addCost(spend, shorter.cost);
    replaceBy(conversation, endWithUser(shorter.conversation));
    isCompacted = true;
  };

  for (let turn = 1; ; turn++) {
    const reply = await steps.ask(turn, conversation);
    spend = addReply(spend, reply);
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
    if (pauses.afterReply(reply)) continue;

    const calls = reply.content.filter((block) => block.type === 'tool_use');
    const acted = calls.length > 0 ? await steps.act(turn, reply, checkpoint, asked) : null;
    checkpoint = acted?.checkpoint ?? checkpoint;
    if (acted) files = addFiles(files, acted);
    workedMs += acted?.durationMs ?? 0;
    if (acted?.cost) spend = addCost(spend, acted.cost);
    const { reached, warnings } = budget.afterTurn(spend, workedMs, checkpoint);
    let next: Anthropic.ContentBlockParam[] = [{ type: 'text', text: askForCall(reply) }];
    if (acted) {
      const submitted = acted.outcome?.kind === 'submitted' ? end(acted.outcome) : null;
      const action = submitted ? await steps.judge(turn, reply, acted, submitted, !reached) : acted;
      deferred = action.deferredOutcome ?? null;
      returns = [...returns, ...listReturn(action, checkpoint, files.keep.length)];
      if (action.outcome) return end(action.outcome);
      next = action.results;
    }
    const stall = stalls.afterReply(calls);
    if (stall) return end({ kind: 'gave-up', reason: stall });
    if (warnings.length > 0) next = [...next, { type: 'text', text: warnings.join(' ') }];
    conversation.push({ role: 'user', content: next });
    if (reached) return end(deferred ?? { kind: 'budget', reason: reached });
    isCompacted = false;
    if (tokensOf(reply) >= start.compactAt) await compact(turn);
  }
}

/** Returns what to remember of a submission that was returned because of what was measured. */
function listReturn(action: Action, checkpoint: string, kept: number): Work['returns'] {
  const { returned, showedGaps, askedForFiles } = action;
  if (!returned) return [];
  const shown = { ...(showedGaps && { showedGaps }), ...(askedForFiles && { askedForFiles }) };
  return [{ checkpoint, kept, because: returned, ...shown }];
}

type Files = Pick<Work, 'ignoredFiles' | 'edited' | 'testsWrote' | 'keep'>;

function addFiles(files: Files, { testsWrote = [], ...added }: TouchedFiles): Files {
  const unite = (kind: keyof typeof added) => [...new Set([...files[kind], ...(added[kind] ?? [])])];
  const written = new Map(files.testsWrote.map((one) => [one.path, one]));
  for (const { path, before, blob, wasClean } of testsWrote) {
    const known = written.get(path);
    const isSure = wasClean || (known?.isSure === true && known.blob === before);
    written.set(path, { path, blob, isSure });
  }
  return {
    ignoredFiles: unite('ignoredFiles'),
    edited: unite('edited'),
    keep: unite('keep'),
    testsWrote: [...written.values()],
  };
}

function replaceBy(conversation: Conversation, other: Conversation): void {
  conversation.splice(0, conversation.length, ...other);
}

/** A paused reply can only be continued word for word, which is no longer possible after compaction. */
function endWithUser(conversation: Conversation): Conversation {
  return conversation.at(-1)?.role === 'user'
    ? conversation
    : [...conversation, { role: 'user', content: [{ type: 'text', text: 'Continue.' }] }];
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

const overflows = new Set(['context-overflow', 'model_context_window_exceeded']);
/** Returns whether a reply was cut or refused because the context is full. */
const isOverflow = ({ stopReason }: Reply) => overflows.has(stopReason);

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
  const { stopReason, stoppedReason = 'The reason is not known.' } = reply;
  if (stopReason === 'stopped') return { kind: 'stopped', reason: stoppedReason };
  if (stopReason === 'unaffordable') return { kind: 'budget', reason: stoppedReason };
  if (isOverflow(reply))
    return { kind: 'budget', reason: "the conversation no longer fits into the model's context" };
  if (stopReason !== 'refusal') return null;
  const category = reply.refusedCategory ? ` (category: ${reply.refusedCategory})` : '';
  return { kind: 'gave-up', reason: `the model declined to continue${category}` };
}

/** Returns the message that the model gets after a reply without a tool call. */
function askForCall({ stopReason }: Reply): string {
  return stopReason === 'max_tokens'
    ? 'Your reply reached its length limit and was cut off. Continue in smaller steps.'
    : 'You called no tool. Call submit if the work is done, ask_question if the requirement is unclear, or ' +
        'continue with another tool.';
}

function addReply(spend: Spend, reply: Reply): Spend {
  const isAnswer = reply.stopReason !== 'stopped' && reply.stopReason !== 'unaffordable';
  const added = addCost({ ...spend, turns: spend.turns + (isAnswer ? 1 : 0) }, reply);
  return reply.abandoned ? addCost(added, reply.abandoned) : added;
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

/** The work ends after this many consecutive replies with identical tool calls. */
const maxRepetitions = 4;
/** The work ends after more than this many consecutive replies without a tool call. */
const maxIdleReplies = 2;

/** The model may pause this many times in a row. */
const maxPauses = 5;

/**
 * Notices that the model paused its turn (`pause_turn`). The API then continues the turn if the reply is the
 * last message of the next request.
 */
class PauseWatch {
  private pauses = 0;

  /** @returns whether the next request continues the reply */
  afterReply({ stopReason, content }: Reply): boolean {
    const isPaused =
      stopReason === 'pause_turn' && content.length > 0 && content.every(({ type }) => type !== 'tool_use');
    this.pauses = isPaused ? this.pauses + 1 : 0;
    return isPaused && this.pauses <= maxPauses;
  }
}

/** Notices when the agent repeats itself or no longer calls tools. */
class StallWatch {
  private idleReplies = 0;
  /** The newest replies with calls. */
  private replies: string[] = [];

  /** @returns why the work ends; null if it continues */
  afterReply(calls: readonly Anthropic.ToolUseBlock[]): string | null {
    if (calls.length === 0) {
      this.idleReplies += 1;
      return this.idleReplies > maxIdleReplies ? 'it stopped without submitting its work' : null;
    }
    this.idleReplies = 0;
    const reply = JSON.stringify(calls.map(({ name, input }) => [name, input]));
    this.replies = [...this.replies, reply].slice(-maxRepetitions);
    const isRepeating = this.replies.length === maxRepetitions && new Set(this.replies).size === 1;
    return isRepeating ? `it made the same call ${maxRepetitions} times in a row` : null;
  }
}
