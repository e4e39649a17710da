import type Anthropic from '@anthropic-ai/sdk';
import type { McpServerState } from '../mcp/mcp-servers.js';
import type { Conversation } from '../model/model.js';
import type { Task } from '../task/task.js';
import { compactConversation } from './compaction/compact-conversation.js';
import { type KnownTests, taskMessage } from './prompt.js';
import { renderFeedback } from './render-feedback.js';
import { renderImages, type TaskImage } from './render-images.js';
import { renderMcpServers } from './render-mcp-servers.js';
import { renderSteering, type SteeringMessage } from './steer.js';

/**
 * Builds the conversation that the agent gets before its first turn. The first part is the task, or an
 * earlier conversation that the agent continues. The second part is the task's feedback and the new messages.
 * @param earlier the conversation to continue; empty if the agent starts from the task
 * @param messages messages that arrived while the run was in the queue or in its set-up
 * @param servers the MCP servers that the agent requests
 * @param images the images of the task
 */
export function openConversation(
  task: Task,
  test: KnownTests,
  earlier: Conversation,
  messages: readonly SteeringMessage[],
  servers: readonly McpServerState[] = [],
  images: readonly TaskImage[] = [],
): Conversation {
  const opening: Conversation =
    earlier.length > 0
      ? closeCalls(compactConversation(earlier))
      : [{ role: 'user', content: taskMessage(task, test, images) }];
  const feedback = task.feedback
    ? [...renderFeedback(task.feedback), ...renderImages(images, 'feedback')]
    : [];
  return appendForAgent(opening, [...renderMcpServers(servers), ...feedback, ...renderSteering(messages)]);
}

/**
 * Adds the blocks to the newest message if its role is `user`, otherwise to a new message. This way, the
 * roles in the conversation alternate.
 */
function appendForAgent(conversation: Conversation, blocks: Anthropic.ContentBlockParam[]): Conversation {
  if (blocks.length === 0) return conversation;
  const last = conversation.at(-1);
  return last?.role === 'user'
    ? [...conversation.slice(0, -1), { role: 'user', content: [...last.content, ...blocks] }]
    : [...conversation, { role: 'user', content: blocks }];
}

/** Gives a result to every call that has none. If a run was interrupted, its last calls have no results. */
function closeCalls(conversation: Conversation): Conversation {
  const last = conversation.at(-1);
  if (last?.role !== 'assistant') return conversation;
  const results = last.content.flatMap((block) =>
    block.type === 'tool_use'
      ? [
          {
            type: 'tool_result' as const,
            tool_use_id: block.id,
            content: 'No result: the run ended before this call was complete.',
            is_error: true,
          },
        ]
      : [],
  );
  return results.length > 0 ? [...conversation, { role: 'user', content: results }] : conversation;
}
