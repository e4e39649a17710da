import type { Conversation } from './model.js';

/**
 * Returns a copy of the conversation without its thinking blocks. The API accepts a conversation if all
 * thinking blocks were removed, but refuses it if only some were removed.
 */
export function dropThinking(conversation: Conversation): Conversation {
  return conversation.map(({ role, content }) => {
    const rest = content.filter(({ type }) => type !== 'thinking' && type !== 'redacted_thinking');
    return { role, content: rest.length > 0 ? rest : [{ type: 'text', text: '[no text]' }] };
  });
}
