import type Anthropic from '@anthropic-ai/sdk';
import { markForCache } from './mark-for-cache.js';
import type { ModelRequest } from './model.js';

export const maxReplyTokens = 32_000;

/** Composes the body of a request. Its parameters depend on what the model accepts. */
export function composeRequest({
  model,
  system,
  tools,
  conversation,
  maxTokens = maxReplyTokens,
  thinking,
}: ModelRequest): Anthropic.MessageCreateParamsNonStreaming {
  return {
    model: model.id,
    max_tokens: maxTokens,
    ...(thinking === 'off' && model.thinkingOff && { thinking: { type: model.thinkingOff } }),
    system,
    tools,
    messages: markForCache(conversation),
  };
}
