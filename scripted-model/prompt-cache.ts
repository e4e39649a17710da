import { createHash } from 'node:crypto';
import {
  type Block,
  blocksOf,
  type CacheControl,
  isThinking,
  type MessagesRequest,
  withoutMark,
} from './messages-request.js';
import type { ModelSpec } from './models.js';
import { countBlockTokens, countToolTokens } from './tokens.js';

/** Token counts of a prompt, in the fields of the API's `usage`. */
export interface InputUsage {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  cache_creation: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number };
}

/**
 * The parts of the API's `usage` that depend on the prompt and the reply. They do not contain the tokens of a
 * compaction, which has its own entry in `iterations`.
 */
export interface Usage extends InputUsage {
  output_tokens: number;
  output_tokens_details: { thinking_tokens: number };
  /** Set if the request uses compaction. */
  iterations?: (Omit<Usage, 'iterations'> & { type: 'compaction' | 'message' })[];
}

/**
 * Maximum number of positions that the API checks to find the end of a cached prefix. It starts at a block
 * with a cache mark, which is the first position, and goes backwards. Calls in a row are one position, and so
 * are results in a row.
 */
const lookBack = 20;
const lifetimes = { '5m': 5 * 60_000, '1h': 60 * 60_000 };

interface Prefix {
  key: string;
  /** Number of tokens up to and including the block. */
  tokens: number;
  type: string;
  ttl: '5m' | '1h' | null;
}

/**
 * Counts the tokens of prompts as the API does. There are separate counts for tokens read from the cache,
 * tokens written to the cache, and other input tokens. A prefix that ends in a cache mark is written to the
 * cache if it has the model's minimum size. It lives for five minutes or an hour from the start of the last
 * request that wrote or read it.
 */
export class PromptCache {
  private readonly entries = new Map<string, { expiresAt: number; lifetime: number }>();

  /** @param startedAt when the request started, in milliseconds since 1970 */
  count(request: MessagesRequest, model: ModelSpec, startedAt: number): InputUsage {
    const prefixes = listPrefixes(request, model);
    const total = prefixes.at(-1)?.tokens ?? 0;
    const marks = prefixes.flatMap(({ ttl }, index) => (ttl ? [index] : []));
    const read = Math.max(0, ...marks.map((mark) => this.read(prefixes, mark, startedAt)));
    const written = { '5m': 0, '1h': 0 };
    let from = read;
    for (const index of marks) {
      const { key, tokens, ttl } = prefixes[index] as Prefix;
      if (!ttl || tokens < model.minimumCachedTokens) continue;
      this.keep(key, lifetimes[ttl], startedAt);
      written[ttl] += Math.max(0, tokens - from);
      from = Math.max(from, tokens);
    }
    return {
      input_tokens: total - from,
      cache_creation_input_tokens: written['5m'] + written['1h'],
      cache_read_input_tokens: read,
      cache_creation: {
        ephemeral_5m_input_tokens: written['5m'],
        ephemeral_1h_input_tokens: written['1h'],
      },
    };
  }

  /** Returns the tokens of the longest cached prefix that can be found from a mark, and keeps it alive. */
  private read(prefixes: Prefix[], mark: number, startedAt: number): number {
    let positions = 0;
    for (let at = mark; at >= 0; at--) {
      const { key, tokens, type } = prefixes[at] as Prefix;
      const isRun = /^tool_(use|result)$/.test(type) && at < mark && prefixes[at + 1]?.type === type;
      if (!isRun) positions += 1;
      if (positions > lookBack) return 0;
      const entry = this.entries.get(key);
      if (!entry || entry.expiresAt <= startedAt) continue;
      this.keep(key, entry.lifetime, startedAt);
      return tokens;
    }
    return 0;
  }

  private keep(key: string, lifetime: number, startedAt: number): void {
    const entry = this.entries.get(key);
    const isAlive = entry && entry.expiresAt > startedAt;
    this.entries.set(key, {
      lifetime: isAlive ? Math.max(entry.lifetime, lifetime) : lifetime,
      expiresAt: Math.max(entry?.expiresAt ?? 0, startedAt + lifetime),
    });
  }
}

/**
 * Returns the prefixes that end at each tool and block. The messages have a new prefix if the thinking, the
 * effort or the tool choice changes.
 */
function listPrefixes(request: MessagesRequest, model: ModelSpec): Prefix[] {
  const { tools = [], system, messages, thinking, output_config, tool_choice } = request;
  const hash = createHash('sha256').update(model.id);
  let tokens = 0;
  const next = (part: { cache_control?: CacheControl | null }, type: string, size: number): Prefix => {
    hash.update(JSON.stringify(withoutMark(part)));
    tokens += size;
    const mark = part.cache_control;
    return { key: hash.copy().digest('base64'), tokens, type, ttl: mark ? (mark.ttl ?? '5m') : null };
  };
  const fixed = [
    ...tools.map((tool) => next(tool, 'tool', countToolTokens(tool))),
    ...blocksOf(system).map((block) => next(block, 'system', countBlockTokens(block))),
  ];
  const effort = output_config?.effort ?? model.defaultEffort;
  hash.update(JSON.stringify([thinking?.type ?? 'adaptive', effort, tool_choice?.type ?? 'auto']));
  const blocks = messages.flatMap(({ content }) => blocksOf(content));
  const automatic = request.cache_control ? blocks.findLastIndex((block) => !isThinking(block)) : -1;
  return [
    ...fixed,
    ...blocks.map((block, index) => {
      const marked = index === automatic ? { ...block, cache_control: request.cache_control } : block;
      return next(marked as Block, block.type, countBlockTokens(block));
    }),
  ];
}
