import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { Fault } from './faults.js';
import { countReplies, firstTextOf, type MessagesRequest } from './messages-request.js';

/** One reply of the model, and the texts that the request for this reply must contain. */
export const ScriptedTurn = z.strictObject({
  /** Texts that the newest message of the request must contain, such as parts of a tool result. */
  expect: z.array(z.string()).optional(),
  /** The text of the reply. */
  say: z.string().optional(),
  /** The tool calls of the reply, in order. Each call consists of a name and an input. */
  calls: z.array(z.tuple([z.string(), z.record(z.string(), z.unknown())])).optional(),
  /** The stop reason. Default: `tool_use` if the reply has calls, otherwise `end_turn`. */
  stop: z.enum(['max_tokens', 'refusal']).optional(),
});
export type ScriptedTurn = z.infer<typeof ScriptedTurn>;

/** All replies of one conversation. */
export const Conversation = z.strictObject({
  /**
   * A text that identifies the conversation. A request belongs to the conversation if its first message
   * contains this text.
   */
  when: z.string(),
  turns: z.array(ScriptedTurn),
  /** Simulated failures of requests in this conversation. */
  faults: z.array(Fault.omit({ when: true })).optional(),
});
export type Conversation = z.infer<typeof Conversation>;

/**
 * Reads a conversation file.
 * @throws Error with the file's name and the reason when the file is missing or invalid
 */
export function readConversation(file: string): Conversation {
  try {
    return Conversation.parse(parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof z.ZodError)
      throw new Error(`${file} is not a conversation:\n${z.prettifyError(error)}`);
    if (error instanceof YAMLParseError) throw new Error(`${file}: ${error.message}`);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Error(`expected a conversation at ${file}; there is no such file`);
    throw error;
  }
}

/**
 * Finds the scripted reply to a request.
 * @returns the reply, or a text that explains why there is none
 */
export function findTurn(conversations: Conversation[], request: MessagesRequest): ScriptedTurn | string {
  const firstText = firstTextOf(request);
  const conversation = conversations.find(({ when }) => firstText.includes(when));
  if (!conversation) return `no conversation matches the first message: ${firstText.slice(0, 200)}`;
  const turn = countReplies(request) + 1;
  const scripted = conversation.turns[turn - 1];
  if (!scripted) return `the conversation "${conversation.when}" has no turn ${turn}`;
  const newest = JSON.stringify(request.messages.at(-1)?.content);
  const missing = (scripted.expect ?? []).filter(
    (text) => !newest.includes(JSON.stringify(text).slice(1, -1)),
  );
  if (missing.length === 0) return scripted;
  const expected = missing.map((text) => JSON.stringify(text)).join(' and ');
  return `turn ${turn} of "${conversation.when}" expected ${expected} in: ${newest.slice(0, 3000)}`;
}
