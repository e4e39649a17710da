import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

/** One reply that the model gives, and what has to have been sent for it. */
export const ScriptedTurn = z.strictObject({
  /** Texts that the newest message has to hold: a harness that forgets a tool's result fails here. */
  expect: z.array(z.string()).optional(),
  say: z.string().optional(),
  /** Tool name and input, in order. */
  calls: z.array(z.tuple([z.string(), z.record(z.string(), z.unknown())])).optional(),
  stop: z.enum(['max_tokens', 'refusal']).optional(),
});
export type ScriptedTurn = z.infer<typeof ScriptedTurn>;

/** A conversation as data. */
export const Conversation = z.strictObject({
  /** A text of the first message that tells that this is the one. */
  when: z.string(),
  turns: z.array(ScriptedTurn),
});
export type Conversation = z.infer<typeof Conversation>;

export function readConversation(file: string): Conversation {
  return Conversation.parse(parse(readFileSync(file, 'utf8')));
}
