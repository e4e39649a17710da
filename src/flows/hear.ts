import type { Said } from '../agent/hear-words.js';
import type { RunStore } from '../runs/run-store.js';
import type { WordStore } from '../runs/word-store.js';
import { sanitiseText } from '../task/sanitise-text.js';

/** Longest that the agent is shown of one comment. */
const maxCharacters = 8000;

/**
 * Asks what people have said to a run since the agent was last told; the same again when the turn is done again.
 * @param ends the agent wants to end: unless there is something, nothing more is taken from here on
 */
export type Hear = (runId: string, turn: number, ends: boolean) => Promise<Said[]>;

/** Hands what people said to one run to the one that goes on for it, or begins anew in its place. */
export type Inherit = (from: string, to: string, which: 'unheard' | 'all') => Promise<void>;

export function createInherit(words: Pick<WordStore, 'move'>, store: Pick<RunStore, 'appendEvent'>): Inherit {
  return (from, to, which) =>
    words.move(from, to, which, (by, deliveryId) =>
      store.appendEvent(to, { type: 'said', by }, `said-${deliveryId}`),
    );
}

export function createHear(words: Pick<WordStore, 'take'>, store: Pick<RunStore, 'appendEvent'>): Hear {
  return async (runId, turn, ends) => {
    const taken = await words.take(runId, turn, ends);
    const said: Said[] = [];
    for (const { id, author, text } of taken) {
      const clean = sanitiseText(text, maxCharacters);
      const hidden = clean.hidden.map((kind) => `${kind} in a comment of ${author}`);
      await store.appendEvent(runId, { type: 'heard', turn, hidden }, `heard-${id}`);
      said.push({ author, text: clean.text });
    }
    return said;
  };
}
