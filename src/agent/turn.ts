import type Anthropic from '@anthropic-ai/sdk';
import type { Work } from '../runs/work.js';
import type { Usage } from './models.js';

/**
 * One reply of the model. It is stored as soon as it is complete, so that it does not have to be paid for
 * twice.
 */
export interface Reply {
  content: Anthropic.ContentBlock[];
  /**
   * The API's `stop_reason`, or one of ours: `context-overflow` if the conversation no longer fits into the
   * model's context, `stopped` if a user ended the run.
   */
  stopReason: string;
  /** Who stopped the run, in words for people. */
  stoppedReason?: string;
  usage: Usage;
  /** Null if the model's price is not known. */
  dollars: number | null;
  /** When the reply was complete, in milliseconds since 1970. */
  at: number;
  durationMs: number;
}

/** What the tools did for one reply. */
export interface Action {
  /** A result for every call, then the messages that arrived during the turn. */
  results: Anthropic.ContentBlockParam[];
  /** Commit of the agent's tree after the calls; null if the reply had none. */
  checkpoint: string | null;
  /** Set by `submit` and `ask_question`. */
  outcome: Extract<Work['outcome'], { kind: 'submitted' | 'asked' }> | null;
  /** An outcome that new messages postponed. It applies if the budget allows no further turn. */
  deferredOutcome?: Action['outcome'];
}

export type Conversation = { role: 'user' | 'assistant'; content: Anthropic.ContentBlockParam[] }[];
