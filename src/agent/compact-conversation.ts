import type { Conversation } from './turn.js';

/** About 60,000 tokens: what an earlier run said is background, and has to leave room for the work itself. */
const maxCharacters = 240_000;
/** These stay as they are, whatever their length. */
const newest = 12;
const longResult = 600;

/**
 * An earlier run's conversation, fit to go on with: without thinking, which counts only within its turn, and where it is long,
 * first without long results, then without its middle. What files hold is to be read again in the files.
 */
export function compactConversation(conversation: Conversation): Conversation {
  const spoken = conversation.map(({ role, content }) => ({
    role,
    content: content.filter(({ type }) => type !== 'thinking' && type !== 'redacted_thinking'),
  }));
  if (sizeOf(spoken) <= maxCharacters) return fill(spoken);
  const shorter = spoken.map(({ role, content }, index) => ({
    role,
    content: index >= spoken.length - newest ? content : content.map(shorten),
  }));
  if (sizeOf(shorter) <= maxCharacters) return fill(shorter);
  return fill(withoutMiddle(shorter));
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value).length;
}

function shorten(block: Conversation[number]['content'][number]): typeof block {
  if (block.type !== 'tool_result' || typeof block.content !== 'string' || block.content.length <= longResult)
    return block;
  return {
    ...block,
    content: `${block.content.slice(0, longResult).toWellFormed()}\n[left out: ${block.content.length - longResult} characters]`,
  };
}

/** Cuts between whole turns: a call and its result go together. */
function withoutMiddle(conversation: Conversation): Conversation {
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
    text: '[What was said and done next is left out here, for its length.]',
  };
  return [{ role: 'user', content: [...first.content, note] }, ...rest.slice(from)];
}

/** The API takes no message without content. */
function fill(conversation: Conversation): Conversation {
  return conversation.map(({ role, content }) => ({
    role,
    content: content.length > 0 ? content : [{ type: 'text', text: '[no text]' }],
  }));
}
