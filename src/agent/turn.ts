import type Anthropic from '@anthropic-ai/sdk';
import type { Usage } from './models.js';
import type { Work } from './work.js';

/** One reply of the model. Stored once it is there: it was paid for. */
export interface Reply {
  content: Anthropic.ContentBlock[];
  /** The API's; `context-overflow` where the conversation no longer fits, `stopped` where people ended it. */
  stopReason: string;
  /** Who stopped it, in words. */
  stoppedReason?: string;
  usage: Usage;
  dollars: number | null;
  /** When it was complete, milliseconds since 1970. */
  at: number;
  durationMs: number;
}

/** What the tools of one reply did. */
export interface Action {
  /** A result for every call, and behind them what people have said meanwhile. */
  results: Anthropic.ContentBlockParam[];
  /** The agent's tree afterwards; null when the reply called nothing. */
  checkpoint: string | null;
  /** Set by `submit` and `ask_question`. */
  outcome: Extract<Work['outcome'], { kind: 'submitted' | 'asked' }> | null;
  /** An end that was not taken, since people had said more: it counts where the budget allows no further turn. */
  held?: Action['outcome'];
}

export type Conversation = { role: 'user' | 'assistant'; content: Anthropic.ContentBlockParam[] }[];
