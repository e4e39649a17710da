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
  /** Who stopped the run, in words for people. */
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
  /** A result for every call. Messages that arrived during the turn follow. */
  results: Anthropic.ContentBlockParam[];
  /** Commit of the agent's tree after the calls; null if the reply had no calls. */
  checkpoint: string | null;
  /** Set if `submit` or `ask_question` ended the agent's work. */
  outcome: Extract<Work['outcome'], { kind: 'submitted' | 'asked' }> | null;
  /**
   * The outcome of a call that was not accepted, because messages arrived or the work had a fault. It takes
   * effect if the budget allows no further turn.
   */
  deferredOutcome?: Action['outcome'];
}

export type Conversation = { role: 'user' | 'assistant'; content: Anthropic.ContentBlockParam[] }[];
