import type Anthropic from '@anthropic-ai/sdk';
import { markForCache } from './mark-for-cache.js';
import type { ModelRequest } from './model.js';

/** Composes the body of a request. Its parameters depend on what the model accepts. */
export function composeRequest({
  model,
  system,
  tools,
  conversation,
  maxTokens = model.maxOutputTokens,
  effort,
  thinking,
}: ModelRequest): Anthropic.MessageCreateParamsNonStreaming {
  return {
    model: model.id,
    max_tokens: maxTokens,
    ...(thinking === 'off' && model.thinkingOff && { thinking: { type: model.thinkingOff } }),
    ...(effort && model.efforts.includes(effort) && { output_config: { effort } }),
    system,
    tools,
    messages: markForCache(conversation),
  };
}
