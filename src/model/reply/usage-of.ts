import type Anthropic from '@anthropic-ai/sdk';
import type { Usage } from '../models.js';

/** The API's token counts, as every kind of response has them. */
export type ApiUsage = Pick<
  Anthropic.Usage,
  | 'input_tokens'
  | 'output_tokens'
  | 'cache_creation'
  | 'cache_creation_input_tokens'
  | 'cache_read_input_tokens'
>;

/** Converts the API's token counts. */
export function usageOf(usage: ApiUsage): Usage {
  return {
    inputTokens: usage.input_tokens,
    cacheWriteTokens: usage.cache_creation_input_tokens ?? 0,
    cacheWrite1hTokens: usage.cache_creation?.ephemeral_1h_input_tokens ?? 0,
    cacheReadTokens: usage.cache_read_input_tokens ?? 0,
    outputTokens: usage.output_tokens,
  };
}
