import { createHash } from 'node:crypto';
import { withoutMark } from './check-request.js';
import { type Block, blocksOf, type MessagesRequest } from './messages-request.js';

export interface Usage {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  output_tokens: number;
}

/**
 * Maximum number of blocks that the API checks to find the end of a cached prefix. The API starts at a block
 * with a cache mark and goes backwards. The block with the mark is included in the number.
 */
const lookBack = 20;
/** Minimum size of a cached prefix, in tokens. The API does not cache shorter prefixes. */
const minimumTokens = 1024;

/**
 * Estimates the number of tokens in a text as a quarter of its bytes. Real tokenizers count more tokens, as
 * README.md explains.
 */
export function countTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}

/** Extra tokens that the API adds for its own tools, according to the API's documentation. */
const nativeToolTokens = [{ type: /^text_editor_/, tokens: 700 }];

function countToolTokens(tools: NonNullable<MessagesRequest['tools']>): number {
  const added = tools.flatMap(({ type = '' }) =>
    nativeToolTokens.filter((native) => native.type.test(type)).map(({ tokens }) => tokens),
  );
  return countTokens(JSON.stringify(tools)) + added.reduce((sum, tokens) => sum + tokens, 0);
}

/** Counts the tokens of the tools and the system prompt, which precede the conversation. */
export function countFixedTokens({ tools = [], system }: Pick<MessagesRequest, 'tools' | 'system'>): number {
  const texts = blocksOf(system).map((block) => JSON.stringify(withoutMark(block)));
  return countToolTokens(tools) + texts.reduce((sum, text) => sum + countTokens(text), 0);
}

/**
 * Counts the tokens of requests as the API does. There are separate counts for tokens read from the cache,
 * tokens written to the cache, and other input tokens. The cache contains every prefix that had at least
 * `minimumTokens` and ended with a cache mark in an earlier request. No prefix expires, as if requests were
 * always less than five minutes apart.
 */
export class PromptCache {
  private readonly kept = new Set<string>();

  count(request: MessagesRequest, outputTokens: number): Usage {
    const tools = request.tools ?? [];
    const blocks: Block[] = [
      ...blocksOf(request.system),
      ...request.messages.flatMap(({ content }) => blocksOf(content)),
    ];
    // The prefix of a block is everything up to and including this block, without cache marks.
    const hash = createHash('sha256').update(`${request.model}${JSON.stringify(tools)}`);
    let tokens = countToolTokens(tools);
    const prefixes = blocks.map((block) => {
      const text = JSON.stringify(withoutMark(block));
      hash.update(text);
      tokens += countTokens(text);
      return { key: hash.copy().digest('hex'), tokens, marked: block.cache_control !== undefined };
    });
    const marks = prefixes.flatMap(({ marked }, index) => (marked ? [index] : []));
    let read = 0;
    for (const mark of marks)
      for (let at = mark; at >= 0 && at > mark - lookBack; at--) {
        const prefix = prefixes[at];
        if (!prefix || !this.kept.has(prefix.key)) continue;
        read = Math.max(read, prefix.tokens);
        break;
      }
    const lastMark = prefixes[marks.at(-1) ?? -1];
    const written = lastMark && lastMark.tokens >= minimumTokens ? Math.max(0, lastMark.tokens - read) : 0;
    for (const index of marks) {
      const prefix = prefixes[index];
      if (prefix && prefix.tokens >= minimumTokens) this.kept.add(prefix.key);
    }
    return {
      input_tokens: tokens - read - written,
      cache_creation_input_tokens: written,
      cache_read_input_tokens: read,
      output_tokens: outputTokens,
    };
  }
}
