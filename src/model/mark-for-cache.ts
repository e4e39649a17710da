import type Anthropic from '@anthropic-ai/sdk';
import type { Conversation } from './model.js';

/** Maximum number of blocks that the API looks back from a cache mark to find a cached prefix. */
const lookBack = 20;

/**
 * Returns a copy of the conversation in which the newest block is marked for the model's prompt cache. The
 * API looks back only a limited number of blocks from a mark. If the last turn added more than that, the copy
 * has a second mark, from which the API can reach the prefix that the previous request cached.
 */
export function markForCache(conversation: Conversation): Conversation {
  const positions = conversation.flatMap(({ content }, message) =>
    content.map((_, block) => ({ message, block })),
  );
  const marked = new Set<string>();
  const mark = (index: number) => {
    // The API refuses a mark on a thinking block. A mark on the block before it has the same effect.
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

/**
 * Returns the index of the last block in the previous request, which is the block right before the newest
 * reply; -1 if there was no previous request.
 */
function endOfPreviousRequest(conversation: Conversation, positions: { message: number }[]): number {
  const lastReply = conversation.findLastIndex(({ role }) => role === 'assistant');
  return lastReply < 0 ? -1 : positions.findLastIndex(({ message }) => message < lastReply);
}
