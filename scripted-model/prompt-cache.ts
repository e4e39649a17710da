import { createHash } from 'node:crypto';
import { type Block, blocksOf, type MessagesRequest } from './check-request.js';

export interface Usage {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  output_tokens: number;
}

/** Blocks that a mark looks back over for something that the cache holds. */
const lookBack = 20;
/** Shorter prefixes are not kept. */
const minimumTokens = 1024;

/** About what a tokenizer makes of English and code. */
export function countTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}

/** What the API's own tools cost beyond what is sent for them; the documentation says so many for the text editor. */
const nativeToolTokens = [{ type: /^text_editor_/, tokens: 700 }];

function countToolTokens(tools: NonNullable<MessagesRequest['tools']>): number {
  const added = tools.flatMap(({ type = '' }) =>
    nativeToolTokens.filter((native) => native.type.test(type)).map(({ tokens }) => tokens),
  );
  return countTokens(JSON.stringify(tools)) + added.reduce((sum, tokens) => sum + tokens, 0);
}

/** The part of a request that comes before the conversation: tools and system prompt. */
export function countFixedTokens({ tools = [], system }: Pick<MessagesRequest, 'tools' | 'system'>): number {
  const texts = blocksOf(system).map(({ cache_control: _, ...content }) => JSON.stringify(content));
  return countToolTokens(tools) + texts.reduce((sum, text) => sum + countTokens(text), 0);
}

/**
 * Counts as the API does: what is read from the cache, what is written to it, what is neither. The cache holds prefixes
 * that ended in a mark, and forgets none of them: that is, less than five minutes pass between two requests.
 */
export class PromptCache {
  private readonly kept = new Set<string>();

  count(request: MessagesRequest, outputTokens: number): Usage {
    const tools = request.tools ?? [];
    const blocks: Block[] = [
      ...blocksOf(request.system),
      ...request.messages.flatMap(({ content }) => blocksOf(content)),
    ];
    // A prefix is everything before and including a block; marks themselves are not content.
    const hash = createHash('sha256').update(`${request.model}${JSON.stringify(tools)}`);
    let tokens = countToolTokens(tools);
    const prefixes = blocks.map((block) => {
      const { cache_control, ...content } = block;
      const text = JSON.stringify(content);
      hash.update(text);
      tokens += countTokens(text);
      return { key: hash.copy().digest('hex'), tokens, marked: cache_control !== undefined };
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
