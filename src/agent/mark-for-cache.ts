import type Anthropic from '@anthropic-ai/sdk';
import type { Conversation } from './turn.js';

/** How many blocks before a mark the API searches for a cached prefix. */
const lookBack = 20;

/**
 * Marks the newest block for the model's cache, whatever its type. If a turn added more blocks than the API
 * looks back, marks one more in between. Returns a copy: a message that was sent never changes.
 */
export function markForCache(conversation: Conversation): Conversation {
  const positions = conversation.flatMap(({ content }, message) =>
    content.map((_, block) => ({ message, block })),
  );
  const marked = new Set<string>();
  const mark = (index: number) => {
    // The API refuses a mark on thinking. A mark on the previous block has the same effect.
    const position = positions.slice(0, index + 1).findLast(({ message, block }) => {
      const type = conversation[message]?.content[block]?.type;
      return type !== 'thinking' && type !== 'redacted_thinking';
    });
    if (position) marked.add(`${position.message}.${position.block}`);
  };
  mark(positions.length - 1);
  const previousEnd = endOfPreviousRequest(conversation, positions);
  if (positions.length - 1 - previousEnd > lookBack - 2) mark(previousEnd + lookBack - 2);
  return conversation.map(({ role, content }, message) => ({
    role,
    content: content.map((block, index) =>
      marked.has(`${message}.${index}`)
        ? ({ ...block, cache_control: { type: 'ephemeral' } } as Anthropic.ContentBlockParam)
        : block,
    ),
  }));
}

/** The index of the last block of the previous request, which ended before the newest reply; -1 if none. */
function endOfPreviousRequest(conversation: Conversation, positions: { message: number }[]): number {
  const lastReply = conversation.findLastIndex(({ role }) => role === 'assistant');
  return lastReply < 0 ? -1 : positions.findLastIndex(({ message }) => message < lastReply);
}
