import { dropThinking } from '../model/drop-thinking.js';
import type { Conversation } from '../model/model.js';

/**
 * Maximum length of the earlier conversation. It corresponds to about 60,000 tokens and leaves room for the
 * new work.
 */
const maxCharacters = 240_000;
/** The number of newest messages in which long results are not shortened. */
const newest = 12;
const longResult = 600;

/**
 * Prepares the conversation of an earlier run for the next run. Removes thinking blocks, because the next run
 * may have another system prompt, for which their signatures are not valid. If the conversation is too long,
 * shortens long results and then removes the middle. The agent can read files again if it needs them.
 */
export function compactConversation(conversation: Conversation): Conversation {
  const withoutThinking = dropThinking(conversation);
  if (sizeOf(withoutThinking) <= maxCharacters) return withoutThinking;
  const shorter = withoutThinking.map(({ role, content }, index) => ({
    role,
    content: index >= withoutThinking.length - newest ? content : content.map(shorten),
  }));
  if (sizeOf(shorter) <= maxCharacters) return shorter;
  return removeMiddle(shorter);
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value).length;
}

/** Shortens the text of a long result, and removes images. */
function shorten(block: Conversation[number]['content'][number]): typeof block {
  if (block.type !== 'tool_result' || block.content === undefined) return block;
  const text =
    typeof block.content === 'string'
      ? block.content
      : block.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  if (text.length <= longResult) return { ...block, content: text };
  const omitted = text.length - longResult;
  return {
    ...block,
    content: `${text.slice(0, longResult).toWellFormed()}\n[… ${omitted} characters omitted]`,
  };
}

/** Removes only whole turns, so that every tool call keeps its result. */
function removeMiddle(conversation: Conversation): Conversation {
  const [first, ...rest] = conversation;
  if (!first) return [];
  let from = 0;
  while (
    from < rest.length &&
    (rest[from]?.role !== 'assistant' || sizeOf(rest.slice(from)) > maxCharacters / 2)
  )
    from += 1;
  const note = {
    type: 'text' as const,
    text: '[The next turns are omitted to save space. Read files again before you rely on their content.]',
  };
  return [{ role: 'user', content: [...first.content, note] }, ...rest.slice(from)];
}
