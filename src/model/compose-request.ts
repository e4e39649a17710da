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
    ...composeThinking(model, thinking),
    ...(effort && model.efforts.includes(effort) && { output_config: { effort } }),
    system,
    tools,
    messages: markForCache(conversation),
  };
}

/** By default, the API returns no text of the model's thinking. People get to see a summary of it. */
function composeThinking(
  model: ModelRequest['model'],
  thinking: ModelRequest['thinking'],
): Pick<Anthropic.MessageCreateParamsNonStreaming, 'thinking'> {
  if (thinking === 'off') return model.thinkingOff ? { thinking: { type: model.thinkingOff } } : {};
  return model.thinksAdaptively ? { thinking: { type: 'adaptive', display: 'summarized' } } : {};
}
