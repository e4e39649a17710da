import type { Conversation, Preamble } from '../../model/model.js';

/** Everything that the agent's first request contains. It is stored once and belongs to the run. */
export interface Opening extends Preamble {
  conversation: Conversation;
}
