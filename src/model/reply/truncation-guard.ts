import type Anthropic from '@anthropic-ai/sdk';
import type { Conversation, ModelRequest } from '../model.js';

/**
 * Creates a check for tool calls that lost their input in transport. The input of such a call arrives as
 * `{}`, without an error. The check returns true for a reply with such a call, so that the model is asked
 * again. If the next reply has an empty input again, the check returns false, because the model sent the
 * empty input on purpose. The tool's result then tells the model what is missing.
 */
export function createTruncationGuard(): (message: Anthropic.Message, request: ModelRequest) => boolean {
  /** Maps a conversation to its length at the latest reply that had a call with an empty input. */
  const seenAt = new WeakMap<Conversation, number>();
  return (message, { conversation, tools }) => {
    // A retry does not help if the reply reached its length limit. In this case, the result of the tool call
    // tells the model about the limit.
    if (message.stop_reason === 'max_tokens' || !hasEmptyCall(message.content, tools)) return false;
    const isRepeated = seenAt.get(conversation) === conversation.length;
    seenAt.set(conversation, conversation.length);
    return !isRepeated;
  };
}

/** Returns whether a call has no input although its tool requires some. */
function hasEmptyCall(content: Anthropic.ContentBlock[], tools: Anthropic.ToolUnion[]): boolean {
  return content.some((block) => {
    if (block.type !== 'tool_use' || Object.keys((block.input ?? {}) as object).length > 0) return false;
    const tool = tools.find((one) => 'name' in one && one.name === block.name);
    const required = tool && 'input_schema' in tool ? tool.input_schema.required : ['command'];
    return Boolean(tool && required && required.length > 0);
  });
}
