import { type Block, blocksOf, isThinking, type MessagesRequest, withoutMark } from '../messages-request.js';
import { checkImages } from './check-images.js';

/** Maximum number of blocks with a cache mark (`cache_control`) that the API accepts in one request. */
const maxCacheMarks = 4;
/** Name that tests use when the model is supposed to call a tool that does not exist. */
const unknownTool = 'no_such_tool';

/**
 * Finds the faults for which the Messages API refuses a conversation: wrong order of roles, empty texts, tool
 * calls without results, results without calls, images that are not what they say, and wrong cache marks.
 * @param mayEndWithReply whether the last message is a paused reply of the model, which the API continues
 * @returns one line for each fault
 */
export function checkMessages(request: MessagesRequest, mayEndWithReply: boolean): string[] {
  const { messages, system, tools = [], cache_control } = request;
  if (messages.length === 0) return ['messages: at least one message is required'];
  const faults = messages.flatMap((_, index) => checkMessage(request, index));
  faults.push(...checkImages(request));
  for (const { text } of blocksOf(system))
    if (!text?.trim()) faults.push('system: text content blocks must be non-empty');
  const isSummary = ({ type }: Block) => type === 'compaction';
  if (messages[0]?.role !== 'user' && !blocksOf(messages[0]?.content).some(isSummary))
    faults.push('messages: first message must use the "user" role');
  const last = messages.at(-1);
  const isContinued = mayEndWithReply || request.compaction || blocksOf(last?.content).every(isSummary);
  if (last?.role === 'assistant' && !isContinued)
    faults.push(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  const blocks = messages.flatMap(({ content }) => blocksOf(content));
  const marks = [...tools, ...blocksOf(system), ...blocks].flatMap((part) => part.cache_control ?? []);
  if (marks.length + (cache_control ? 1 : 0) > maxCacheMarks)
    faults.push(`A maximum of 4 blocks with cache_control may be provided. Found ${marks.length}.`);
  const firstShort = marks.findIndex(({ ttl }) => ttl !== '1h');
  if (firstShort >= 0 && marks.slice(firstShort).some(({ ttl }) => ttl === '1h'))
    faults.push(
      "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are " +
        'processed in the following order: `tools`, `system`, `messages`.',
    );
  return faults;
}

function checkMessage({ messages, tools = [] }: MessagesRequest, index: number): string[] {
  const { role, content } = messages[index] ?? { role: '', content: '' };
  const blocks = blocksOf(content);
  const faults: string[] = [];
  if (role === 'system') faults.push(...checkPlaceOfSystem(messages, index));
  if (blocks.length === 0) faults.push('all messages must have non-empty content');
  for (const block of blocks) faults.push(...checkBlock(block, role));

  const results = resultsAfter(messages, index);
  for (const { id = '', name = '' } of blocks.filter(({ type }) => type === 'tool_use')) {
    if (name !== unknownTool && !tools.some((tool) => tool.name === name))
      faults.push(`the tool ${name} is not among the tools of the request`);
    if (!results.has(id) && index < messages.length - 1)
      faults.push(
        `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${id}. Each \`tool_use\` ` +
          'block must have a corresponding `tool_result` block in the next message.',
      );
  }
  const calls = callsBefore(messages, index);
  for (const { tool_use_id = '' } of blocks.filter(({ type }) => type === 'tool_result'))
    if (!calls.has(tool_use_id))
      faults.push(
        `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${tool_use_id}. Each \`tool_result\` block ` +
          'must have a corresponding `tool_use` block in the previous message.',
      );
  return faults.map((fault) => `messages.${index}: ${fault}`);
}

function checkBlock(block: Block, role: string): string[] {
  const { type, text, content } = block;
  if (type === 'text' && !text) return ['text content blocks must be non-empty'];
  if (type === 'text' && !text?.trim()) return ['text content blocks must contain non-whitespace text'];
  if (role !== 'assistant' && (type === 'tool_use' || isThinking(block)))
    return [`\`${type}\` blocks can only be in \`assistant\` messages`];
  if (role === 'system' && type !== 'text') return ['`system` messages can only have `text` blocks'];
  if (role !== 'user' && type === 'tool_result')
    return ['`tool_result` blocks can only be in `user` messages'];
  if (role !== 'user' && type === 'image') return ['`image` blocks can only be in `user` messages'];
  return Array.isArray(content) ? content.flatMap((inner) => checkBlock(inner, role)) : [];
}

/** A system message follows a turn of the user, and the model's reply or nothing follows it. */
function checkPlaceOfSystem(messages: MessagesRequest['messages'], index: number): string[] {
  const [before, after] = [messages[index - 1]?.role, messages[index + 1]?.role];
  const isPlaced = (before === 'user' || before === 'system') && after !== 'user';
  return isPlaced
    ? []
    : ['a `system` message must follow a `user` message and precede an `assistant` message'];
}

/**
 * Returns the ids of the results at the beginning of the next message. A result after other content does not
 * count. Messages of the same role are one turn.
 */
function resultsAfter(messages: MessagesRequest['messages'], index: number): Set<string | undefined> {
  const next = messages.slice(index + 1);
  const end = next.findIndex(({ role }) => role === 'assistant');
  const blocks = (end < 0 ? next : next.slice(0, end)).flatMap(({ content }) => blocksOf(content));
  const other = blocks.findIndex(({ type }) => type !== 'tool_result');
  return new Set((other < 0 ? blocks : blocks.slice(0, other)).map(({ tool_use_id }) => tool_use_id));
}

/** Returns the ids of the calls in the reply before this message. */
function callsBefore(messages: MessagesRequest['messages'], index: number): Set<string | undefined> {
  const before = messages.slice(0, index);
  const start = before.findLastIndex(({ role }) => role === 'assistant');
  const blocks = start < 0 ? [] : blocksOf(before[start]?.content);
  return new Set(blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id));
}

/** Remembers the requests of each conversation, to find requests that do not only append blocks. */
export class SentPrefixes {
  private readonly sent = new Map<string, string[]>();

  /**
   * Compares a request with the longest earlier request of the same conversation. Requests with the same
   * first block belong to the same conversation. The two requests must have equal blocks up to the end of the
   * shorter request. Only the cache marks and the thinking may differ. A request without a reply starts a new
   * conversation: a second run of the same issue has the same first block, and other results.
   * @returns a list with one fault, or an empty list
   */
  check({ messages }: MessagesRequest): string[] {
    const texts = messages.flatMap(({ role, content }) =>
      blocksOf(content)
        .filter((block) => !isThinking(block))
        .map((block) => `${role} ${JSON.stringify(withoutMark(block))}`),
    );
    const key = texts[0] ?? '';
    const isStart = messages.every(({ role }) => role === 'user');
    const before = isStart ? [] : (this.sent.get(key) ?? []);
    const changed = before.findIndex((text, index) => index < texts.length && text !== texts[index]);
    if (texts.length >= before.length) this.sent.set(key, texts);
    return changed >= 0 ? [`block ${changed} is not the block that an earlier request sent there`] : [];
  }
}
