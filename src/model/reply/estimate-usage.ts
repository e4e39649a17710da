import { estimateTokens } from '../estimate-tokens.js';
import type { ModelRequest } from '../model.js';
import { noUsage, type Usage } from '../models.js';
import { type ApiUsage, usageOf } from './usage-of.js';

/** Current models write fewer tokens per second than this, including the thinking that they do not show. */
const tokensPerSecond = 100;

/** Estimates what the API bills for a request if it sends nothing back. */
export function estimateRequest({
  system,
  tools,
  conversation,
}: Pick<ModelRequest, 'system' | 'tools' | 'conversation'>): Usage {
  const inputTokens = estimateTokens({ system, tools, conversation });
  return { ...noUsage, inputTokens };
}

/** What has arrived of a reply. */
export interface PartialReply {
  content: unknown;
  stop_reason: string | null;
  usage: ApiUsage;
}

/**
 * Estimates what the API bills for an incomplete reply. Thinking is billed but not sent, so the time that the
 * model has worked limits the number of tokens that it can have written.
 * @param seconds the time from the start of the reply until its last byte
 */
export function estimateReply(message: PartialReply, seconds: number, maxTokens: number): Usage {
  const usage = usageOf(message.usage);
  // The reply is complete except for its last event. The API has already counted its tokens.
  if (message.stop_reason !== null) return usage;
  const written = Math.max(estimateTokens(message.content), Math.ceil(seconds * tokensPerSecond));
  return { ...usage, outputTokens: Math.max(usage.outputTokens, Math.min(written, maxTokens)) };
}
