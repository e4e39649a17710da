import type { SteeringMessage } from '../../agent/steer.js';
import type { RunStore } from '../../database/run-store.js';
import type { SteeringStore } from '../../database/steering-store.js';
import { sanitiseText } from '../../text/old/sanitise-text.js';

/** Longest that the agent is shown of one comment. */
const maxCharacters = 8000;

/** What people say to a run while it goes on. Each of these may be done again after a crash. */
export interface Steering {
  /** @returns false when the run takes no more: its agent has ended its work */
  add(runId: string, deliveryId: string, said: SteeringMessage): Promise<boolean>;
  /**
   * What was said since the agent was last told; the same again when the turn is done again.
   * @param ends the agent wants to end: unless there is something, nothing more is taken from here on
   */
  hear(runId: string, turn: number, ends: boolean): Promise<SteeringMessage[]>;
  /** Hands what was said to one run to the one that goes on for it, or begins anew in its place. */
  inherit(from: string, to: string, which: 'unheard' | 'all'): Promise<void>;
}

export function createSteering(words: SteeringStore, store: Pick<RunStore, 'appendEvent'>): Steering {
  const tell = (runId: string, by: string, deliveryId: string) =>
    store.appendEvent(runId, { type: 'said', by }, `said-${deliveryId}`);
  return {
    add: async (runId, deliveryId, said) => {
      const added = await words.add(runId, deliveryId, said);
      if (added) await tell(runId, said.author, deliveryId);
      return added;
    },

    hear: async (runId, turn, ends) => {
      const said: SteeringMessage[] = [];
      for (const { id, author, text } of await words.take(runId, turn, ends)) {
        const clean = sanitiseText(text, maxCharacters);
        const hidden = clean.hidden.map((kind) => `${kind} in a comment of ${author}`);
        await store.appendEvent(runId, { type: 'heard', turn, hidden }, `heard-${id}`);
        said.push({ author, text: clean.text });
      }
      return said;
    },

    inherit: (from, to, which) =>
      words.move(from, to, which, (author, deliveryId) => tell(to, author, deliveryId)),
  };
}
