import type Anthropic from '@anthropic-ai/sdk';
import type { TestRun } from '../evidence/evidence.js';
import type { Feedback, Task } from '../task/task.js';
import { compactConversation } from './compact-conversation.js';
import { data, taskMessage } from './prompt.js';
import { renderSteering, type SteeringMessage } from './steer.js';
import type { Conversation } from './turn.js';

/**
 * What the agent is told before its first turn: the task; where work goes on, what was said before and what is said of
 * it now.
 * @param earlier the conversation that goes on; []: none
 * @param said while the run stood in line, or was set up
 */
export function openConversation(
  task: Task,
  test: { command: string | null; before: TestRun | null },
  earlier: Conversation,
  said: readonly SteeringMessage[],
): Conversation {
  const opening: Conversation =
    earlier.length > 0
      ? closeCalls(compactConversation(earlier))
      : [{ role: 'user', content: [{ type: 'text', text: taskMessage(task, test) }] }];
  const told = task.feedback ? addWords(opening, feedbackMessage(task.feedback)) : opening;
  return said.length > 0 ? addWords(told, renderSteering(said)) : told;
}

/** In what was the user's turn anyway, or in one of its own: two in a row are none. */
export function addWords(conversation: Conversation, text: string): Conversation {
  const block: Anthropic.TextBlockParam = { type: 'text', text };
  const last = conversation.at(-1);
  return last?.role === 'user'
    ? [...conversation.slice(0, -1), { role: 'user', content: [...last.content, block] }]
    : [...conversation, { role: 'user', content: [block] }];
}

/** Every call needs a result; a run that was ended in between has none for its last ones. */
function closeCalls(conversation: Conversation): Conversation {
  const last = conversation.at(-1);
  if (last?.role !== 'assistant') return conversation;
  const results = last.content.flatMap((block) =>
    block.type === 'tool_use'
      ? [
          {
            type: 'tool_result' as const,
            tool_use_id: block.id,
            content: 'The work was ended before this was done.',
            is_error: true,
          },
        ]
      : [],
  );
  return results.length > 0 ? [...conversation, { role: 'user', content: results }] : conversation;
}

const said: Record<Feedback['kind'], string> = {
  review: 'The pull request was reviewed. /workspace is the branch as it is now.',
  command: 'More is asked of the pull request. /workspace is the branch as it is now.',
  answer: 'Your questions were answered. Go on with the work.',
  'ci-failure': "The repository's own checks failed on your commit. /workspace is the branch as it is now.",
  conflict:
    'The base branch has moved on against yours. /workspace is both put together, with conflict marks where they differ: resolve each so that what both wanted holds, and leave no mark.',
  retry: 'The work was ended before it was done. Go on with it.',
};

function feedbackMessage({ kind, author, instructions: words, threads, notes }: Feedback): string {
  const parts = [said[kind]];
  // They name branches and paths, which anybody may have chosen.
  if (notes.length > 0) parts.push(data('branch', notes.join('\n')));
  if (words) parts.push(data(kind, words, { author }));
  for (const [index, { path, line, outdated, comments }] of threads.entries()) {
    const place = { thread: index + 1, file: path, line, outdated: outdated ? 'true' : null };
    parts.push(data('thread', comments.map((one) => `${one.author}: ${one.body}`).join('\n\n'), place));
  }
  if (threads.length > 0)
    parts.push(
      'Do what is asked where it is right, and answer every thread by its number in `answers` of submit: done, and what; or not done, and why. The summary describes the whole pull request as it is then.',
    );
  if (kind === 'ci-failure')
    parts.push(
      'Find out why each of them failed, and mend what this branch broke; a check that it did not break, or that nothing in /workspace can mend, is left as it is. Answer every check by its number in `answers` of submit (as `thread`): done, and what was wrong; or not done, and why. The summary describes the whole pull request as it is then.',
    );
  return parts.join('\n\n');
}
