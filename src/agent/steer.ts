import type Anthropic from '@anthropic-ai/sdk';
import type { Reply } from '../model/model.js';
import { data } from './data.js';
import { endingTools } from './tools/ending-tools.js';
import type { Action } from './turn.js';

/** A message that a person sent to a run in progress. */
export interface SteeringMessage {
  author: string;
  text: string;
}

/**
 * Renders new messages for the agent. Our own instructions are in a separate block, apart from people's
 * words.
 */
export function renderSteering(messages: readonly SteeringMessage[]): Anthropic.TextBlockParam[] {
  if (messages.length === 0) return [];
  return [
    'New messages about this task arrived. Treat them as part of the task; if they conflict, ' +
      'follow the newest one.',
    messages.map(({ author, text }) => data('message', text, { author })).join('\n\n'),
  ].map((text) => ({ type: 'text', text }));
}

/**
 * Adds the messages that arrived during a turn to the turn's results. The agent may have tried to end its
 * work in that turn. This function rejects the attempt if (1) messages arrived, or (2) the work has a fault.
 * The agent then reads the messages and the fault, continues, and ends its work again.
 * @param fault why the submitted work is not accepted yet, in sentences; null if there is no fault
 */
export function steerAgent(
  { results, outcome }: Pick<Action, 'results' | 'outcome'>,
  reply: Reply,
  messages: readonly SteeringMessage[],
  fault: string | null = null,
): Pick<Action, 'results' | 'outcome' | 'deferredOutcome'> {
  if (messages.length === 0 && fault === null) return { results, outcome };
  const reasons = [
    ...(fault === null ? [] : [fault]),
    ...(messages.length === 0 ? [] : ['new messages arrived. Act on them, then make this call again.']),
  ];
  const endingCalls = new Set(
    reply.content.flatMap((block) =>
      block.type === 'tool_use' && endingTools.has(block.name) ? [block.id] : [],
    ),
  );
  const reopened = results.map((block) =>
    outcome && block.type === 'tool_result' && endingCalls.has(block.tool_use_id)
      ? {
          ...block,
          content: `Not accepted yet: ${reasons.join('\n\nAlso, ')}`,
          is_error: true,
        }
      : block,
  );
  return { results: [...reopened, ...renderSteering(messages)], outcome: null, deferredOutcome: outcome };
}
