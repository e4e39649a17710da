import type Anthropic from '@anthropic-ai/sdk';
import type { Effort } from '../runs/effort.js';
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

/** What one request used and cost. */
export interface Cost {
  usage: Usage;
  /** Null if the model's price is not known. */
  dollars: number | null;
}

/**
 * One reply of the model. It is stored as soon as it is complete. After a restart, we do not have to request
 * it and pay for it again.
 */
export interface Reply extends Cost {
  content: Anthropic.ContentBlock[];
  /**
   * The API's `stop_reason` or one of our own values. `context-overflow`: the conversation no longer fits
   * into the model's context. `stopped`: a user stopped the run. `unaffordable`: after abandoned requests for
   * this reply, the budget of the run allows no further request.
   */
  stopReason: string;
  /** A human-readable reason. Set only if `stopReason` is `stopped` or `unaffordable`. */
  stoppedReason?: string;
  /** Number of the request that got this reply, from 1. The earlier requests were abandoned. */
  attempt?: number;
  /** What the abandoned requests for this reply may have cost. */
  abandoned?: Cost;
  /** Why the model declined, such as `cyber`. Set only if `stopReason` is `refusal` and the API says it. */
  refusedCategory?: string;
  /**
   * Set if the API refused the thinking blocks of the request. The reply answers the conversation without
   * them, so later requests must leave them out as well.
   */
  droppedThinking?: true;
  /** Time when the reply was complete, in milliseconds since 1970. */
  at: number;
  durationMs: number;
}

/** One request to Anthropic's Messages API. */
export interface ModelRequest extends Preamble {
  model: Model;
  conversation: Conversation;
  /** Limit of the reply's length, in tokens. The default is the longest reply of the model. */
  maxTokens?: number;
  /** How much the model works on its reply. By default, and if the model has no levels, this is not sent. */
  effort?: Effort | null;
  /** `off`: the model thinks as little as it can. By default, it thinks as it does by itself. */
  thinking?: 'off';
  /** Aborting this signal cancels the request and discards the reply. */
  signal?: AbortSignal;
  /**
   * Called when the reply starts, and every ten seconds while it arrives, with an estimate of what the
   * request will have cost until the next call.
   */
  onSpend?(usage: Usage): void;
}

/** Every request to the Messages API goes through this interface. */
export interface ModelClient {
  /**
   * @throws AbandonedReply if the reply breaks off, sends nothing for too long, takes too long in total, or
   * the signal is aborted
   * @throws RetryLater for another temporary fault, such as a rate limit or an overload
   * @throws AccountRefused if the API refuses the server's key or account
   * @throws RunEndedError for a permanent fault, such as an unknown model
   */
  ask(request: ModelRequest): Promise<Reply>;
  /**
   * Reads the cache entry of a request, so that the entry does not expire while tools run. The model does not
   * reply to it. Throws like `ask`.
   * @returns null if the API cannot do this
   */
  keepCached(request: ModelRequest): Promise<Cost | null>;
  /**
   * Lets the model summarize a conversation that became too long for its context. Throws like `ask`.
   * @returns the block that takes the place of the conversation; null if the API offers no summary for this
   * model or could not make one
   */
  summarize(request: ModelRequest, instructions: string): Promise<Summary | null>;
  /** Finds out whether the API accepts requests, with one that costs a few tokens. Throws like `ask`. */
  probe(model: ModelRequest['model'], signal: AbortSignal): Promise<void>;
}

/** A summary of a conversation, which the API signed. */
export interface Summary extends Cost {
  block: Anthropic.ContentBlockParam;
}

/** A conversation that takes the place of a longer one. */
export interface Compaction {
  conversation: Conversation;
  cost: Cost;
}
