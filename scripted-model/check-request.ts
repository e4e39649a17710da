import { type Block, blocksOf, type MessagesRequest } from './messages-request.js';

/** Maximum number of blocks with a cache mark (`cache_control`) that the API accepts in one request. */
const maxCacheMarks = 4;
/** Name that tests use when the model is supposed to call a tool that does not exist. */
const unknownTool = 'no_such_tool';

/**
 * Finds the faults for which the Messages API would refuse a request: missing fields, wrong order of roles,
 * empty texts, tool calls without results, results without calls, and too many cache marks.
 * @returns one line for each fault
 */
export function checkRequest(request: MessagesRequest): string[] {
  const { messages, system, stream, max_tokens } = request;
  const faults: string[] = [];
  if (!stream) faults.push('stream: expected true');
  if (!(max_tokens > 0)) faults.push('max_tokens: expected a number above 0');
  if (messages[0]?.role !== 'user') faults.push('messages.0: expected role user');
  for (const index of messages.keys()) faults.push(...checkMessage(request, index));
  const marks = [...blocksOf(system), ...messages.flatMap(({ content }) => blocksOf(content))].filter(
    ({ cache_control }) => cache_control,
  );
  if (marks.length > maxCacheMarks)
    faults.push(`expected at most ${maxCacheMarks} blocks with cache_control; found ${marks.length}`);
  return faults;
}

function checkMessage({ messages, tools = [] }: MessagesRequest, index: number): string[] {
  const role = messages[index]?.role;
  const blocks = blocksOf(messages[index]?.content);
  const faults: string[] = [];
  if (index > 0 && role === messages[index - 1]?.role) faults.push(`two messages of role ${role} in a row`);
  for (const { type, text } of blocks)
    if (type === 'text' && !text?.trim()) faults.push('text content blocks must be non-empty');

  const results = blocksOf(messages[index + 1]?.content).filter(({ type }) => type === 'tool_result');
  for (const { id, name = '' } of blocks.filter(({ type }) => type === 'tool_use')) {
    const known = name === unknownTool || tools.some((tool) => tool.name === name);
    if (role === 'assistant' && !known) faults.push(`the tool ${name} is not among the tools of the request`);
    if (!results.some(({ tool_use_id }) => tool_use_id === id))
      faults.push(`tool_use ids were found without tool_result blocks immediately after: ${id}`);
  }
  const calls = blocksOf(messages[index - 1]?.content);
  for (const { tool_use_id } of blocks.filter(({ type }) => type === 'tool_result'))
    if (!calls.some(({ id }) => id === tool_use_id))
      faults.push(`unexpected tool_use_id found in tool_result blocks: ${tool_use_id}`);
  return faults.map((fault) => `messages.${index}: ${fault}`);
}

/** Remembers the requests of each conversation, to check that later requests only append blocks. */
export class SentPrefixes {
  private readonly sent = new Map<string, string[]>();

  /**
   * Compares a request with the longest earlier request of the same conversation. Requests with the same
   * first block belong to the same conversation. The two requests must have equal blocks up to the end of the
   * shorter request. Only the cache marks of the blocks may differ.
   * @returns a list with one fault, or an empty list
   */
  check({ messages }: MessagesRequest): string[] {
    const texts = messages.flatMap(({ role, content }) =>
      blocksOf(content).map((block) => `${role} ${JSON.stringify(withoutMark(block))}`),
    );
    const key = texts[0] ?? '';
    const before = this.sent.get(key) ?? [];
    const changed = before.findIndex((text, index) => index < texts.length && text !== texts[index]);
    if (texts.length >= before.length) this.sent.set(key, texts);
    return changed >= 0 ? [`block ${changed} is not the block that an earlier request sent there`] : [];
  }
}

/** Returns a block without its cache mark, which is not part of the block's content. */
export function withoutMark({ cache_control: _, ...content }: Block): Block {
  return content;
}
