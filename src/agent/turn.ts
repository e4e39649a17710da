import type Anthropic from '@anthropic-ai/sdk';
import type { Work } from '../runs/work.js';
import type { Usage } from './models.js';

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
  /** Cost of the reply; null if the model's price is not known. */
  dollars: number | null;
  /** Time when the reply was complete, in milliseconds since 1970. */
  at: number;
  durationMs: number;
}

/** The effects of one reply's tool calls. */
export interface Action {
  /** A result for every call, followed by the messages that arrived during the turn. */
  results: Anthropic.ContentBlockParam[];
  /** Commit of the agent's tree after the calls; null if the reply had no calls. */
  checkpoint: string | null;
  /** The outcome if `submit` or `ask_question` ended the agent's work; otherwise null. */
  outcome: Extract<Work['outcome'], { kind: 'submitted' | 'asked' }> | null;
  /**
   * The outcome of a `submit` or `ask_question` call that was not accepted, because messages arrived or the
   * work had a fault. The work ends with this outcome if the budget allows no further turn.
   */
  deferredOutcome?: Action['outcome'];
}

export type Conversation = { role: 'user' | 'assistant'; content: Anthropic.ContentBlockParam[] }[];
