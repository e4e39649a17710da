import { type BoundRequest, Prefix } from './checks/bind-thinking.js';
import { betas } from './checks/request-schema.js';
import { createSummary, reachesTrigger } from './compaction.js';
import { composeReply, type Reply } from './compose-reply.js';
import type { Place, ScriptedTurn } from './conversation.js';
import type { Fault } from './faults.js';
import type { Block, MessagesRequest } from './messages-request.js';
import type { ModelSpec } from './models.js';
import type { InputUsage, PromptCache, Usage } from './prompt-cache.js';
import type { Message } from './stream-reply.js';
import { countPromptTokens, countTokens } from './tokens.js';

/** A request that the API accepts, as the model sees it. */
export interface Accepted extends BoundRequest {
  model: ModelSpec;
  place: Place;
  promptTokens: number;
  /** The values of the header `anthropic-beta`. */
  has: ReadonlySet<string>;
}

interface Context {
  cache: PromptCache;
  /** When the request started, in milliseconds since 1970. */
  startedAt: number;
  fault: Fault | undefined;
}

/** Creates the reply: a turn of the script, a summary, or nothing if the request only fills the cache. */
export function createReply(accepted: Accepted, scripted: ScriptedTurn, context: Context): Message {
  const { request, model, dropped, has } = accepted;
  const made = request.compaction
    ? summarizeOnDemand(accepted, scripted, context)
    : request.max_tokens === 0
      ? { ...endWith([], 'max_tokens'), usage: usageOf(count(request, accepted, context)) }
      : replyToTurn(accepted, scripted, context);
  const more = has.has(betas.binding) ? { input_transformations: dropped } : {};
  return { ...made, model: model.id, more };
}

type Made = Omit<Message, 'model' | 'more'>;

/** The summary is the whole reply. If it does not fit into `max_tokens`, there is none. */
function summarizeOnDemand(accepted: Accepted, scripted: ScriptedTurn, context: Context): Made {
  const { request } = accepted;
  const block = summarize(accepted, scripted, true);
  const tokens = countTokens(String(block.content));
  const fits = tokens <= request.max_tokens;
  const output = Math.min(tokens, request.max_tokens);
  const usage = usageOf(count(request, accepted, context), output);
  return {
    ...(fits ? endWith([block], 'compaction') : endWith([], 'max_tokens')),
    usage: { ...usageOf(noUsage), iterations: [{ type: 'compaction', ...usage }] },
  };
}

function replyToTurn(accepted: Accepted, scripted: ScriptedTurn, context: Context): Made {
  const { request, place, model, promptTokens, has } = accepted;
  const iterations: NonNullable<Usage['iterations']> = [];
  const summary = reachesTrigger(request, promptTokens) ? summarize(accepted, scripted, false) : null;
  if (summary) {
    const output = countTokens(String(summary.content));
    iterations.push({ type: 'compaction', ...usageOf(count(request, accepted, context), output) });
    if (request.context_management?.edits?.[0]?.pause_after_compaction)
      return { ...endWith([summary], 'compaction'), usage: { ...usageOf(noUsage), iterations } };
  }
  const seen = summary ? { ...request, messages: [{ role: 'assistant', content: [summary] }] } : request;
  const reply = composeReply(scripted, {
    turn: place.turn,
    request,
    model,
    prefix: summary ? Prefix.of(request).add('assistant', summary) : accepted.prefix,
    room: model.contextTokens - countPromptTokens(seen),
    isTruncated: context.fault?.truncateInput ?? false,
  });
  const usage = usageOf(count(seen, accepted, context), reply.outputTokens, reply.thinkingTokens);
  iterations.push({ type: 'message', ...usage });
  return {
    ...reply,
    content: summary ? [summary, ...reply.content] : reply.content,
    usage: has.has(betas.thresholdCompaction) ? { ...usage, iterations } : usage,
  };
}

function summarize(
  { model, place, prefix }: Accepted,
  { summary }: ScriptedTurn,
  isOnDemand: boolean,
): Block {
  const compacted = { when: place.text, replies: place.turn - 1 };
  return createSummary({ summary, model: model.id, compacted }, prefix, isOnDemand);
}

function endWith(content: Block[], stopReason: string): Reply {
  return {
    content,
    stopReason,
    stopSequence: null,
    stopDetails: null,
    outputTokens: 0,
    thinkingTokens: 0,
    isCut: false,
  };
}

function count(request: MessagesRequest, { model }: Accepted, { cache, startedAt }: Context): InputUsage {
  return cache.count(request, model, startedAt);
}

const noUsage: InputUsage = {
  input_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
};

function usageOf(input: InputUsage, output_tokens = 0, thinking_tokens = 0): Usage {
  return { ...input, output_tokens, output_tokens_details: { thinking_tokens } };
}
