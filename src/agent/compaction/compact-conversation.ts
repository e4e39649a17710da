import { dropThinking } from '../../model/drop-thinking.js';
import { estimateTokens } from '../../model/estimate-tokens.js';
import type { Conversation } from '../../model/model.js';

/** Maximum length of the earlier conversation, in tokens. It leaves room for the new work. */
const maxTokens = 96_000;
/** The number of newest images that are kept. A request has at most 32 MB, and each image up to 1.4 MB. */
const maxImages = 8;
/** The number of newest messages in which long results are not shortened. */
const newest = 12;
const longResult = 600;

/**
 * Prepares the conversation of an earlier run for the next run. Removes thinking blocks, because the next run
 * may have another system prompt, for which their signatures are not valid. If the conversation is too long,
 * shortens long results and then removes the middle. The agent can read files again if it needs them.
 */
export function compactConversation(conversation: Conversation): Conversation {
  const withoutThinking = dropOldImages(dropThinking(conversation));
  if (estimateTokens(withoutThinking) <= maxTokens) return withoutThinking;
  const shorter = withoutThinking.map(({ role, content }, index) => ({
    role,
    content: index >= withoutThinking.length - newest ? content : content.map(shorten),
  }));
  if (estimateTokens(shorter) <= maxTokens) return shorter;
  return removeMiddle(shorter);
}

type Block = Conversation[number]['content'][number];
type ImageHolder = Extract<Block, { type: 'tool_result' }>;

/** Keeps only the newest images. A text takes the place of each other image. */
function dropOldImages(conversation: Conversation): Conversation {
  let left = maxImages;
  const keep = <T extends { type: string }>(block: T): T | { type: 'text'; text: string } => {
    if (block.type !== 'image') return block;
    left -= 1;
    return left >= 0 ? block : { type: 'text', text: '[image omitted to save space]' };
  };
  const keepInside = (block: Block): Block =>
    block.type === 'tool_result' && Array.isArray(block.content)
      ? { ...block, content: fromEnd(block.content, keep) as ImageHolder['content'] }
      : (keep(block) as Block);
  return fromEnd(conversation, ({ role, content }) => ({ role, content: fromEnd(content, keepInside) }));
}

/** Like `map`, but begins with the last element. */
function fromEnd<T, R>(list: readonly T[], change: (element: T) => R): R[] {
  return list.toReversed().map(change).toReversed();
}

/** Shortens the text of a long result, and removes images. */
function shorten(block: Block): Block {
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
    (rest[from]?.role !== 'assistant' || estimateTokens(rest.slice(from)) > maxTokens / 2)
  )
    from += 1;
  const note = {
    type: 'text' as const,
    text: '[The next turns are omitted to save space. Read files again before you rely on their content.]',
  };
  return [{ role: 'user', content: [...first.content, note] }, ...rest.slice(from)];
}
