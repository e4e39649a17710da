import type Anthropic from '@anthropic-ai/sdk';
import { dropThinking } from '../../model/drop-thinking.js';
import { estimateTokens } from '../../model/estimate-tokens.js';
import type { Compaction, Conversation, ModelClient, ModelRequest } from '../../model/model.js';
import { noUsage } from '../../model/models.js';
import { compactConversation } from './compact-conversation.js';

/** Number of newest turns that are kept word for word. */
const keptTurns = 3;
/** Maximum length of the kept turns together, in tokens. */
const maxKept = 48_000;

const instructions =
  'Summarize the work so far for the developer who continues it: the plan, what is done, which files changed ' +
  'and how, the decisions and their reasons, what the tests showed, what is left to do, and facts about the ' +
  'code that would take long to find again. The task itself is repeated after the summary, so leave it out. ' +
  'Do not call tools.';

const afterSummary =
  'The conversation became too long. The summary above replaces the earlier turns. The task was:';
const afterCut = '[The earlier turns were removed, because the conversation became too long. The task was:]';

/**
 * Shortens a conversation that nearly fills the model's context. The model's own summary takes the place of
 * the earlier turns. The task and the newest turns stay word for word. If the API cannot summarize the
 * conversation, the earlier turns are removed without a summary.
 * @param opening the conversation at the start of the run, which contains the task and any feedback
 */
export async function compact(
  model: Pick<ModelClient, 'summarize'>,
  request: ModelRequest,
  opening: Conversation,
): Promise<Compaction> {
  const { conversation } = request;
  const from = findKeptTurns(conversation);
  const summary = await model.summarize(
    { ...request, conversation: conversation.slice(0, from) },
    instructions,
  );
  // The API signed the thinking blocks of the kept turns over the earlier turns, which are gone.
  const kept = dropThinking(conversation.slice(from));
  const task = taskOf(opening);
  if (summary) {
    const { block, ...cost } = summary;
    const before: Conversation = [
      { role: 'assistant', content: [block] },
      { role: 'user', content: [{ type: 'text', text: afterSummary }, ...task] },
    ];
    return { conversation: [...before, ...kept], cost };
  }
  const before: Conversation = [{ role: 'user', content: [{ type: 'text', text: afterCut }, ...task] }];
  return { conversation: compactConversation([...before, ...kept]), cost: noCost };
}

const noCost = { usage: noUsage, dollars: 0 };

/** Returns the index of the first message that is kept. It is a reply of the model. */
function findKeptTurns(conversation: Conversation): number {
  const replies = conversation.flatMap(({ role }, index) => (role === 'assistant' ? [index] : []));
  const fits = (index: number) => estimateTokens(conversation.slice(index)) <= maxKept;
  // The first reply is never kept, so that there is something to summarize.
  return replies.slice(1).slice(-keptTurns).find(fits) ?? conversation.length;
}

/** Returns what people asked for: the task, which comes first, and any feedback, which comes last. */
function taskOf(opening: Conversation): Anthropic.ContentBlockParam[] {
  const messages = opening.filter(({ role }) => role === 'user');
  const both = messages.length > 1 ? [messages[0], messages.at(-1)] : messages;
  return both.flatMap((message) =>
    (message?.content ?? []).filter(({ type }) => type === 'text' || type === 'image'),
  );
}
