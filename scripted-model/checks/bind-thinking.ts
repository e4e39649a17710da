import { createHash, randomUUID } from 'node:crypto';
import {
  type Block,
  blocksOf,
  isThinking,
  type Message,
  type MessagesRequest,
  withoutMark,
} from '../messages-request.js';
import type { ModelSpec } from '../models.js';
import { readSignature, type Signed, sign } from '../signature.js';

/** A thinking block that the API removed from a request, in the form of `input_transformations`. */
export interface Dropped {
  type: 'thinking_dropped';
  path: string;
  reason: 'model_binding_mismatch' | 'prefix_binding_mismatch';
}

export interface BoundRequest {
  /** The request without the thinking that the API drops. */
  request: MessagesRequest;
  dropped: Dropped[];
  /** What the API answers if it refuses the request; otherwise null. */
  fault: string | null;
  /** The prefix of the reply to this request. */
  prefix: Prefix;
}

/** The prefix to which a thinking block is bound: the system prompt, the tools, and all blocks before it. */
export class Prefix {
  private constructor(
    readonly system: string,
    readonly tools: string,
    readonly hash: string,
    /** Id of the last thinking block; null if there is none. */
    readonly previous: string | null,
  ) {}

  static of({ system, tools = [] }: Pick<MessagesRequest, 'system' | 'tools'>): Prefix {
    const systemHash = hashOf(...blocksOf(system).map(contentOf));
    const toolsHash = hashOf(...tools.map((tool) => JSON.stringify(withoutMark(tool))));
    return new Prefix(systemHash, toolsHash, hashOf(systemHash, toolsHash), null);
  }

  add(role: string, block: Block): Prefix {
    const hash = hashOf(this.hash, role, contentOf(block));
    return new Prefix(this.system, this.tools, hash, this.previous);
  }

  afterThinking(id: string): Prefix {
    return new Prefix(this.system, this.tools, this.hash, id);
  }

  /** Goes on after a summary as if the summarized messages were still there. */
  afterSummary({ system, tools, prefix, previous }: Signed): Prefix {
    const isSame = system === this.system && tools === this.tools;
    const hash = isSame ? prefix : hashOf(prefix, this.system, this.tools);
    return new Prefix(this.system, this.tools, hash, previous);
  }

  static isTextOf(signed: Signed, text: string): boolean {
    return signed.text === hashOf(text);
  }

  /** Makes the signature of a block that comes after this prefix. */
  sign(block: Pick<Signed, 'model' | 'text' | 'tokens' | 'compacted'>): { id: string; signature: string } {
    const { system, tools, hash, previous } = this;
    const id = randomUUID();
    const signed = { ...block, text: hashOf(block.text), id, system, tools, prefix: hash, previous };
    return { id, signature: sign(signed) };
  }
}

/**
 * Checks the thinking blocks of a request against the conversation before them. A block fails if the system
 * prompt, the tools or an earlier message differ from when the model produced the block, or if the thinking
 * block before it is another one. Blocks may be missing at the start.
 */
export function bindThinking(request: MessagesRequest, model: ModelSpec, hasHeader: boolean): BoundRequest {
  const drops = request.thinking?.block_binding?.prefix_mismatch_behavior === 'drop_block';
  const dropped: Dropped[] = [];
  let fault: string | null = null;
  let prefix = Prefix.of(request);
  const latest = request.messages.findLastIndex(({ role }) => role === 'assistant');

  const keep = (block: Block, role: string, path: string, isLatest: boolean): boolean => {
    const signed = readSignature(block.signature ?? block.data);
    if (block.type === 'compaction') {
      prefix = block.signature && signed ? prefix.afterSummary(signed) : prefix.add(role, block);
      return true;
    }
    if (!isThinking(block)) {
      prefix = prefix.add(role, block);
      return true;
    }
    const broken = findBroken(block, signed, isLatest);
    if (broken || !signed) {
      fault ??= `${path}: ${broken}`;
      return false;
    }
    const changed = findChange(signed, prefix);
    if (!model.readsThinkingOf.includes(signed.model))
      dropped.push({ type: 'thinking_dropped', path, reason: 'model_binding_mismatch' });
    else if (changed && drops)
      dropped.push({ type: 'thinking_dropped', path, reason: 'prefix_binding_mismatch' });
    else if (changed) fault ??= `${path}: ${describeMismatch(changed, hasHeader)}`;
    if (!changed) prefix = prefix.afterThinking(signed.id);
    return dropped.at(-1)?.path !== path;
  };

  const messages = request.messages.map(
    ({ content, ...message }, at): Message => ({
      ...message,
      content: blocksOf(content).filter((block, index) =>
        keep(block, message.role, `messages.${at}.content.${index}`, at === latest),
      ),
    }),
  );
  return { request: { ...request, messages }, dropped, fault, prefix };
}

/** Finds a signature that this API did not make, or thinking that is not what the API returned. */
function findBroken(block: Block, signed: Signed | null, isLatest: boolean): string | null {
  const field = block.type === 'thinking' ? 'signature' : 'data';
  if (!signed || signed.compacted) return `Invalid \`${field}\` in \`${block.type}\` block`;
  if (Prefix.isTextOf(signed, block.thinking ?? '')) return null;
  return isLatest
    ? '`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These ' +
        'blocks must remain as they were in the original response.'
    : `Invalid \`${field}\` in \`${block.type}\` block`;
}

/** Returns a sentence that names what changed before a thinking block; null if nothing did. */
function findChange(signed: Signed, prefix: Prefix): string | null {
  if (signed.system !== prefix.system) return 'The `system` prompt differs from when the block was created.';
  if (signed.tools !== prefix.tools) return 'The `tools` list differs from when the block was created.';
  if (signed.prefix !== prefix.hash) return 'An earlier message differs from when the block was created.';
  if (prefix.previous !== null && signed.previous !== prefix.previous)
    return 'An earlier thinking block is missing or out of order.';
  return null;
}

function describeMismatch(changed: string, hasHeader: boolean): string {
  const header = hasHeader
    ? ''
    : ' That setting requires the `thinking-binding-controls-2026-08-01` value in the `anthropic-beta` header.';
  return (
    'Invalid `signature` in `thinking` block. The block is bound to a different conversation. Remove the block, ' +
    `or set \`thinking.block_binding.prefix_mismatch_behavior\` to "drop_block".${header} ${changed}`
  );
}

/** Returns what counts of a block: neither its cache mark nor fields that are null. */
function contentOf(block: Block): string {
  if (block.type === 'compaction') return JSON.stringify(block.content);
  const { caller: _, ...content } = withoutMark(block) as Record<string, unknown>;
  return JSON.stringify(content, (_key, value) => (value === null ? undefined : value));
}

function hashOf(...parts: string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length} ${part}`);
  return hash.digest('base64url').slice(0, 22);
}
