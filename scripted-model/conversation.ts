import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import type { Compacted } from './compaction.js';
import { Fault } from './faults.js';
import { blocksOf, type MessagesRequest } from './messages-request.js';

/** One reply of the model, and the texts that the request for this reply must contain. */
export const ScriptedTurn = z.strictObject({
  /** Texts that the newest message of the request must contain, such as parts of a tool result. */
  expect: z.array(z.string()).optional(),
  /**
   * What the model thinks before it replies. People see it only if the request sets `display: summarized`.
   * Default: one sentence. Null: the model does not think before this reply.
   */
  thought: z.string().nullable().optional(),
  /** Number of tokens of the thinking. Default: the size of `thought`. */
  thoughtTokens: z.number().int().positive().optional(),
  /** How long the model thinks, in milliseconds. Only pings are sent in this time. Default: 0. */
  think: z.number().int().nonnegative().optional(),
  /** The text of the reply. */
  say: z.string().optional(),
  /** The tool calls of the reply, in order. Each call consists of a name and an input. */
  calls: z.array(z.tuple([z.string(), z.record(z.string(), z.unknown())])).optional(),
  /** Pause before each pair of key and value of a call, in milliseconds. Only pings are sent. Default: 0. */
  pause: z.number().int().nonnegative().optional(),
  /**
   * The stop reason. Default: `tool_use` if the reply has calls, otherwise `end_turn`. Limits and stop
   * sequences of the request have their effect without it.
   */
  stop: z.enum(['max_tokens', 'refusal', 'pause_turn', 'model_context_window_exceeded']).optional(),
  /** The category of a refusal. Default: none. */
  category: z.enum(['cyber', 'bio', 'frontier_llm', 'reasoning_extraction', 'general_harms']).optional(),
  /** The summary that the model writes if the conversation is compacted before this reply. */
  summary: z.string().optional(),
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

/** Where a request is in its conversation. */
export interface Place {
  /** The text of the first message, or the `when` of the conversation that a summary replaced. */
  text: string;
  /** Number of the turn that the request asks for, from 1. */
  turn: number;
}

/** @param compacted what the summary at the start of the request replaces */
export function findPlace({ messages }: MessagesRequest, compacted: Compacted | null): Place {
  const replies = messages.filter(
    ({ role, content }) =>
      role === 'assistant' && blocksOf(content).some(({ type }) => type !== 'compaction'),
  );
  const text = blocksOf(messages[0]?.content)
    .map((block) => block.text)
    .join('\n');
  return compacted
    ? { text: compacted.when, turn: compacted.replies + replies.length + 1 }
    : { text, turn: replies.length + 1 };
}

/**
 * Finds the scripted reply to a request.
 * @returns the reply, or a text that explains why there is none
 */
export function findTurn(
  conversations: Conversation[],
  request: MessagesRequest,
  place: Place,
): ScriptedTurn | string {
  const conversation = conversations.find(({ when }) => place.text.includes(when));
  if (!conversation) return `no conversation matches the first message: ${place.text.slice(0, 200)}`;
  const scripted = conversation.turns[place.turn - 1];
  if (!scripted) return `the conversation "${conversation.when}" has no turn ${place.turn}`;
  const newest = JSON.stringify(request.messages.at(-1)?.content);
  const missing = (scripted.expect ?? []).filter(
    (text) => !newest.includes(JSON.stringify(text).slice(1, -1)),
  );
  if (missing.length === 0) return scripted;
  const expected = missing.map((text) => JSON.stringify(text)).join(' and ');
  return `turn ${place.turn} of "${conversation.when}" expected ${expected} in: ${newest.slice(0, 3000)}`;
}
