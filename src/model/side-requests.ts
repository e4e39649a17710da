import type Anthropic from '@anthropic-ai/sdk';
import { APIError } from '@anthropic-ai/sdk';
import { composeRequest } from './compose-request.js';
import type { Conversation, Cost, ModelRequest, Summary } from './model.js';
import { dollarsOf, type Usage } from './models.js';

/* Requests that the model does not answer with a turn. */

/** The beta feature that summarizes a conversation and accepts the summary in later requests. */
export const compactionBeta = 'compact-2026-09-04';
/** Maximum length of a summary, in tokens. */
const maxSummaryTokens = 16_000;

/** Returns whether a request with this conversation needs the beta feature. */
export function hasSummary(conversation: Conversation): boolean {
  return conversation.some(({ content }) => content.some(({ type }) => (type as string) === 'compaction'));
}

/** Reads the cache entry of a request. With `max_tokens` 0, the API reads the prompt and does not reply. */
export async function keepCached(client: Anthropic, request: ModelRequest, at: Date): Promise<Cost> {
  const { conversation, signal } = request;
  const { usage } = await client.messages.create(composeRequest({ ...request, maxTokens: 0 }), {
    ...(signal && { signal }),
    headers: betaHeaders(conversation),
  });
  return costOf(request, usageOf(usage), at);
}

/** @returns null if the API cannot summarize this conversation; the error says so with status 400 or 404 */
export async function summarize(
  client: Anthropic,
  request: ModelRequest,
  instructions: string,
  at: Date,
): Promise<Summary | null> {
  const { signal } = request;
  const body = composeRequest({ ...request, maxTokens: maxSummaryTokens });
  try {
    const { content, usage } = await client.beta.messages
      .stream(
        {
          ...(body as Anthropic.Beta.Messages.MessageCreateParamsNonStreaming),
          compaction: { type: 'summarize', instructions },
          betas: [compactionBeta],
        },
        signal ? { signal } : {},
      )
      .finalMessage();
    const block = content.find(({ type }) => type === 'compaction');
    if (!block || !('content' in block) || !block.content) return null;
    return { block: block as unknown as Anthropic.ContentBlockParam, ...costOf(request, usageOf(usage), at) };
  } catch (error) {
    if (error instanceof APIError && (error.status === 400 || error.status === 404)) return null;
    throw error;
  }
}

export function betaHeaders(conversation: Conversation): Record<string, string> {
  return hasSummary(conversation) ? { 'anthropic-beta': compactionBeta } : {};
}

/** Converts the API's token counts. */
export function usageOf(
  usage: Pick<
    Anthropic.Usage,
    | 'input_tokens'
    | 'output_tokens'
    | 'cache_creation'
    | 'cache_creation_input_tokens'
    | 'cache_read_input_tokens'
  >,
): Usage {
  return {
    inputTokens: usage.input_tokens,
    cacheWriteTokens: usage.cache_creation_input_tokens ?? 0,
    cacheWrite1hTokens: usage.cache_creation?.ephemeral_1h_input_tokens ?? 0,
    cacheReadTokens: usage.cache_read_input_tokens ?? 0,
    outputTokens: usage.output_tokens,
  };
}

function costOf({ model }: ModelRequest, usage: Usage, at: Date): Cost {
  return { usage, dollars: dollarsOf(model, usage, at.getTime()) };
}
