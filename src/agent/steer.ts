import type Anthropic from '@anthropic-ai/sdk';
import { data } from './prompt.js';
import { endings } from './tools/ending-tools.js';
import type { Action, Reply } from './turn.js';

/** What somebody said meanwhile. */
export interface SteeringMessage {
  author: string;
  text: string;
}

/** What the agent is told of it. */
export function renderSteering(said: readonly SteeringMessage[]): string {
  const words = said.map(({ author, text }) => data('command', text, { author }));
  return [
    'Meanwhile more was said on what is to be done. It counts as the task does, and the newest of it first.',
    ...words,
  ].join('\n\n');
}

/**
 * Adds what people said while these calls were made. An end that was called for without it is none yet: the agent hears first, and
 * ends again.
 */
export function steerAgent(
  { results, outcome }: Pick<Action, 'results' | 'outcome'>,
  reply: Reply,
  said: readonly SteeringMessage[],
): Pick<Action, 'results' | 'outcome' | 'held'> {
  if (said.length === 0) return { results, outcome };
  const ends = new Set(
    reply.content.flatMap((block) =>
      block.type === 'tool_use' && endings.has(block.name) ? [block.id] : [],
    ),
  );
  const reopened = results.map((block) =>
    outcome && block.type === 'tool_result' && ends.has(block.tool_use_id)
      ? { ...block, content: 'Not taken yet: more was said meanwhile. It stands below.', is_error: true }
      : block,
  );
  const text: Anthropic.TextBlockParam = { type: 'text', text: renderSteering(said) };
  return { results: [...reopened, text], outcome: null, held: outcome };
}
