import { countImageTokens } from './checks/check-images.js';
import {
  type Block,
  blocksOf,
  isThinking,
  type MessagesRequest,
  type Tool,
  withoutMark,
} from './messages-request.js';
import { readSignature } from './signature.js';

/** Claude's tokenizer makes one token of about this many characters of English text or code. */
const charactersPerToken = 2.5;

/** Estimates the number of tokens in a text. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken);
}

/** Returns the beginning of a text that has at most this many tokens, without half of a surrogate pair. */
export function cutToTokens(text: string, tokens: number): string {
  const cut = text.slice(0, Math.floor(tokens * charactersPerToken));
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

/**
 * Counts the tokens of a block in a request. A thinking block counts as many tokens as the model produced,
 * whatever part of its text was returned.
 */
export function countBlockTokens(block: Block): number {
  if (isThinking(block)) return readSignature(block.signature ?? block.data)?.tokens ?? 0;
  if (block.type === 'image') return countImageTokens(block);
  if (block.type === 'compaction') return countTokens(String(block.content ?? ''));
  if (block.type !== 'tool_result' || typeof block.content === 'string' || !block.content)
    return countTokens(JSON.stringify(withoutMark(block)));
  const { content, ...rest } = block;
  return (
    countTokens(JSON.stringify(withoutMark(rest))) +
    content.reduce((sum, inner) => sum + countBlockTokens(inner), 0)
  );
}

/** Extra tokens that the API adds for its own tools, according to the API's documentation. */
const nativeToolTokens = [
  { type: /^text_editor_/, tokens: 700 },
  { type: /^bash_/, tokens: 245 },
];

export function countToolTokens(tool: Tool): number {
  const native = nativeToolTokens.find(({ type }) => type.test(tool.type ?? ''));
  return countTokens(JSON.stringify(withoutMark(tool))) + (native?.tokens ?? 0);
}

/** Counts the tokens of the tools and the system prompt, which precede the conversation. */
export function countFixedTokens({ tools = [], system }: Pick<MessagesRequest, 'tools' | 'system'>): number {
  return (
    tools.reduce((sum, tool) => sum + countToolTokens(tool), 0) +
    blocksOf(system).reduce((sum, block) => sum + countBlockTokens(block), 0)
  );
}

/** Counts the tokens of a whole prompt. */
export function countPromptTokens(request: MessagesRequest): number {
  const blocks = request.messages.flatMap(({ content }) => blocksOf(content));
  return countFixedTokens(request) + blocks.reduce((sum, block) => sum + countBlockTokens(block), 0);
}
