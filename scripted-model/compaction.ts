import { Prefix } from './checks/bind-thinking.js';
import { type ApiError, refusal } from './errors.js';
import { type Block, blocksOf, type MessagesRequest } from './messages-request.js';
import { readSignature, type Signed } from './signature.js';

/** What a summary says about the conversation that it replaces. */
export type Compacted = NonNullable<Signed['compacted']>;

const defaultSummary = 'Summary of the conversation: the task and the work on it so far.';
/** The API compacts at this number of input tokens if the request does not set the trigger. */
const defaultTrigger = 150_000;

/**
 * Checks the compaction blocks of a request, and removes what they replace. The messages keep their places.
 * @returns the request as the model sees it, and what the newest block replaces; or why the API refuses it
 */
export function applyCompaction(
  request: MessagesRequest,
): { request: MessagesRequest; compacted: Compacted | null } | { fault: ApiError } {
  const found = request.messages.flatMap(({ content }, message) =>
    blocksOf(content).flatMap((block, index) =>
      block.type === 'compaction' && typeof block.content === 'string' ? [{ block, message, index }] : [],
    ),
  );
  const last = found.at(-1);
  if (!last) return { request, compacted: null };
  const signed = readSignature(last.block.signature ?? last.block.encrypted_content);
  const fault = checkBlocks(found, signed);
  if (fault) return { fault };
  const messages = request.messages.map(({ content, ...message }, at) => ({
    ...message,
    content: at < last.message ? [] : at > last.message ? content : blocksOf(content).slice(last.index),
  }));
  return { request: { ...request, messages }, compacted: signed?.compacted ?? null };
}

interface Found {
  block: Block;
  message: number;
  index: number;
}

function checkBlocks(found: Found[], signed: Signed | null): ApiError | null {
  const onDemand = found.filter(({ block }) => block.signature);
  if (onDemand.length > 0 && found.length > 1)
    return refusal(
      '`messages` holds more than one `compaction` block. Send only the block that was returned last.',
      'compaction_block_ambiguous',
    );
  const [first] = onDemand;
  if (first && (first.message > 0 || first.index > 0))
    return refusal(
      'The `compaction` block must be the first block of the conversation. Remove the messages that it ' +
        'summarizes.',
      'compaction_block_misplaced',
    );
  if (!signed?.compacted)
    return refusal("The `compaction` block's `signature` does not verify.", 'compaction_signature_invalid');
  if (!Prefix.isTextOf(signed, String(found.at(-1)?.block.content)))
    return refusal(
      "The `compaction` block's `content` differs from what its `signature` records.",
      'compaction_content_mismatch',
    );
  return null;
}

/** Finds out why the API cannot summarize the conversation of a compaction request; null if it can. */
export function checkSummarizable({ messages }: MessagesRequest): ApiError | null {
  if (messages.every(({ role, content }) => role === 'system' || blocksOf(content).length === 0))
    return refusal('`messages` holds nothing to summarize.', 'compaction_nothing_to_summarize');
  const last = messages.at(-1);
  const isOpen = last?.role === 'assistant' && blocksOf(last.content).some(({ type }) => type === 'tool_use');
  return isOpen
    ? refusal(
        'The last `assistant` turn ends in a tool call without a result. Send the results first.',
        'compaction_incomplete_turn',
      )
    : null;
}

/** Returns whether the API compacts the conversation before it replies. */
export function reachesTrigger({ context_management }: MessagesRequest, promptTokens: number): boolean {
  const edit = context_management?.edits?.[0];
  return edit !== undefined && promptTokens >= (edit.trigger?.value ?? defaultTrigger);
}

/**
 * Makes the block that replaces the conversation.
 * @param prefix the prefix after the last message
 * @param isOnDemand whether the request asked for it; otherwise the conversation reached its trigger
 */
export function createSummary(
  {
    summary = defaultSummary,
    model,
    compacted,
  }: { summary: string | undefined; model: string; compacted: Compacted },
  prefix: Prefix,
  isOnDemand: boolean,
): Block {
  const { signature } = prefix.sign({ model, text: summary, tokens: 0, compacted });
  return isOnDemand
    ? { type: 'compaction', content: summary, signature }
    : { type: 'compaction', content: summary, encrypted_content: signature };
}
