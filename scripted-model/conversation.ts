import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { Fault } from './faults.js';
import { countReplies, firstTextOf, type MessagesRequest } from './messages-request.js';

/** One reply of the model, and what the request for it must contain. */
export const ScriptedTurn = z.strictObject({
  /** Texts that the newest message must contain, such as parts of a tool's result. */
  expect: z.array(z.string()).optional(),
  /** The text of the reply. */
  say: z.string().optional(),
  /** The tool calls of the reply, in order: name and input. */
  calls: z.array(z.tuple([z.string(), z.record(z.string(), z.unknown())])).optional(),
  /** The stop reason. Default: `tool_use` with calls, `end_turn` without. */
  stop: z.enum(['max_tokens', 'refusal']).optional(),
});
export type ScriptedTurn = z.infer<typeof ScriptedTurn>;

/** All replies of one conversation. */
export const Conversation = z.strictObject({
  /** A text in the first message. A request that contains it belongs to this conversation. */
  when: z.string(),
  turns: z.array(ScriptedTurn),
  /** Failures of this conversation's requests. */
  faults: z.array(Fault.omit({ when: true })).optional(),
});
export type Conversation = z.infer<typeof Conversation>;

/** @throws Error that names the file and what is wrong with it */
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

/** Finds the reply to a request. @returns a line that says why there is none */
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
