import type Anthropic from '@anthropic-ai/sdk';
import { composeRequest } from './compose-request.js';
import type { Conversation, Cost, ModelRequest, Summary } from './model.js';
import { dollarsOf, type Usage } from './models.js';
import type { Provider } from './providers/provider.js';
import { type ReplyLimits, streamReply } from './reply/stream-reply.js';
import { usageOf } from './reply/usage-of.js';

/* Requests that the model does not answer with a turn. */

/** The beta feature that summarizes a conversation and accepts the summary in later requests. */
export const compactionBeta = 'compact-2026-09-04';
/** Maximum length of a summary, in tokens. */
const maxSummaryTokens = 16_000;

export const probeText = 'Reply with OK.';
const probeTimeoutMs = 20_000;

/** Returns whether a request with this conversation needs the beta feature. */
export function hasSummary(conversation: Conversation): boolean {
  return conversation.some(({ content }) => content.some(({ type }) => (type as string) === 'compaction'));
}

/** Reads the cache entry of a request. With `max_tokens` 0, the API reads the prompt and does not reply. */
export async function keepCached(provider: Provider, request: ModelRequest, at: Date): Promise<Cost> {
  const { conversation, signal } = request;
  const { usage } = await provider.connect().messages.create(composeRequest({ ...request, maxTokens: 0 }), {
    ...(signal && { signal }),
    headers: betaHeaders(conversation),
  });
  return costOf(request, usageOf(usage), at);
}

/** Asks for one token. Some APIs do not accept a request for none. */
export async function probe(
  provider: Provider,
  model: ModelRequest['model'],
  signal: AbortSignal,
): Promise<void> {
  const conversation: Conversation = [{ role: 'user', content: [{ type: 'text', text: probeText }] }];
  const body = composeRequest({ model, system: [], tools: [], conversation, maxTokens: 1, thinking: 'off' });
  await provider.connect().messages.create(body, { signal, timeout: probeTimeoutMs });
}

/** @returns null if the reply has no summary */
export async function summarize(
  provider: Provider,
  request: ModelRequest,
  instructions: string,
  limits: ReplyLimits,
): Promise<Summary | null> {
  const body = {
    ...(composeRequest({
      ...request,
      maxTokens: maxSummaryTokens,
    }) as Anthropic.Beta.Messages.MessageCreateParamsNonStreaming),
    compaction: { type: 'summarize' as const, instructions },
    betas: [compactionBeta],
  };
  const { content, usage } = await streamReply(
    provider,
    (client, options) => client.beta.messages.stream(body, options),
    { ...request, maxTokens: maxSummaryTokens },
    limits,
  );
  const block = content.find(({ type }) => type === 'compaction');
  if (!block || !('content' in block) || !block.content) return null;
  return {
    block: block as unknown as Anthropic.ContentBlockParam,
    ...costOf(request, usageOf(usage), limits.now()),
  };
}

export function betaHeaders(conversation: Conversation): Record<string, string> {
  return hasSummary(conversation) ? { 'anthropic-beta': compactionBeta } : {};
}

function costOf({ model }: ModelRequest, usage: Usage, at: Date): Cost {
  return { usage, dollars: dollarsOf(model, usage, at.getTime()) };
}
