import type Anthropic from '@anthropic-ai/sdk';
import type { Model, Usage } from './models.js';

export type Conversation = { role: 'user' | 'assistant'; content: Anthropic.ContentBlockParam[] }[];

/**
 * The part of every request that precedes the conversation. The API signs each thinking block over this part
 * and all earlier messages, and refuses the block if one byte of them changes. A run therefore stores this
 * part once and always sends it unchanged, even after an upgrade.
 */
export interface Preamble {
  system: Anthropic.TextBlockParam[];
  tools: Anthropic.ToolUnion[];
}

/**
 * One reply of the model. It is stored as soon as it is complete. After a restart, we do not have to request
 * it and pay for it again.
 */
export interface Reply {
  content: Anthropic.ContentBlock[];
  /**
   * The API's `stop_reason` or one of our own values. `context-overflow`: the conversation no longer fits
   * into the model's context. `stopped`: a user stopped the run.
   */
  stopReason: string;
  /** A human-readable sentence that says who stopped the run. Set only if `stopReason` is `stopped`. */
  stoppedReason?: string;
  usage: Usage;
  /**
   * Set if the API refused the thinking blocks of the request. The reply answers the conversation without
   * them, so later requests must leave them out as well.
   */
  droppedThinking?: true;
  /** Cost of the reply; null if the model's price is not known. */
  dollars: number | null;
  /** Time when the reply was complete, in milliseconds since 1970. */
  at: number;
  durationMs: number;
}

/** One request to Anthropic's Messages API. */
export interface ModelRequest extends Preamble {
  model: Model;
  conversation: Conversation;
  /** Limit of the reply's length, in tokens. The default is 32,000. */
  maxTokens?: number;
  /** Aborting this signal cancels the request and discards the reply. */
  signal?: AbortSignal;
}

/** Every request to the Messages API goes through this interface. */
export interface ModelClient {
  /**
   * @throws RetryLater for a temporary fault: a rate limit, an overload, or a stream that breaks off or sends
   * nothing for too long
   * @throws RunEndedError for a permanent fault, such as a wrong key
   */
  ask(request: ModelRequest): Promise<Reply>;
}
