import type { Prefix } from './checks/bind-thinking.js';
import type { ScriptedTurn } from './conversation.js';
import { type Block, blocksOf, type MessagesRequest } from './messages-request.js';
import type { ModelSpec } from './models.js';
import { countBlockTokens, countTokens, cutToTokens } from './tokens.js';

export interface Reply {
  content: Block[];
  stopReason: string;
  stopSequence: string | null;
  stopDetails: { type: 'refusal'; category: string | null; explanation: string | null } | null;
  outputTokens: number;
  thinkingTokens: number;
  /** Whether a limit of tokens ended the last block early. */
  isCut: boolean;
}

const defaultThought =
  'I compare what is new with the task, list what is still open, and decide which step brings the work forward ' +
  'most. Then I take this step and nothing else.';
/** Between calls, a note longer than a sentence or two comes as a thinking block. Shorter ones stay text. */
const longNote = 200;

/** A block before it is signed. */
type Part =
  | { type: 'thinking'; text: string; tokens: number; isShown: boolean }
  | { type: 'text' | 'tool_use'; block: Block };

interface Circumstances {
  /** Number of the turn, from 1. */
  turn: number;
  request: MessagesRequest;
  model: ModelSpec;
  /** Everything before the reply. */
  prefix: Prefix;
  /** Number of tokens that still fit into the model's context. */
  room: number;
  /** Whether every call has the input `{}`. */
  isTruncated: boolean;
}

/**
 * Composes the reply of a scripted turn. Ends it early at a stop sequence, or at the limit of tokens, which
 * also counts thinking. A thinking block that is cut has no signature.
 */
export function composeReply(scripted: ScriptedTurn, circumstances: Circumstances): Reply {
  const { turn, request, room } = circumstances;
  const { text, stopSequence } = cutAtSequence(scripted.say ?? '', request.stop_sequences ?? []);
  const calls = stopSequence ? [] : (scripted.calls ?? []);
  const parts = listParts({ ...scripted, say: text, calls }, turn, request);
  const written = writeParts(parts, Math.min(request.max_tokens, room), circumstances);
  const planned = scripted.stop ?? (calls.length > 0 ? 'tool_use' : 'end_turn');
  const limit = room < request.max_tokens ? 'model_context_window_exceeded' : 'max_tokens';
  const stopReason = written.isCut ? limit : stopSequence ? 'stop_sequence' : planned;
  return {
    ...written,
    stopReason,
    stopSequence: stopReason === 'stop_sequence' ? stopSequence : null,
    stopDetails:
      stopReason === 'refusal'
        ? { type: 'refusal', category: scripted.category ?? null, explanation: null }
        : null,
  };
}

/** Signs the thinking, and cuts the part that does not fit into the limit. */
function writeParts(
  parts: readonly Part[],
  limit: number,
  { model, prefix, isTruncated }: Circumstances,
): Pick<Reply, 'content' | 'outputTokens' | 'thinkingTokens' | 'isCut'> {
  let at = prefix;
  let outputTokens = 0;
  let thinkingTokens = 0;
  const content: Block[] = [];
  for (const part of parts) {
    const tokens = part.type === 'thinking' ? part.tokens : countBlockTokens(part.block);
    const left = limit - outputTokens;
    const isCut = tokens > left;
    outputTokens += Math.min(tokens, left);
    if (part.type === 'thinking') {
      const thinking = part.isShown ? part.text : '';
      const { id, signature } = at.sign({ model: model.id, text: thinking, tokens });
      content.push({ type: 'thinking', thinking, signature: isCut ? '' : signature });
      at = at.afterThinking(id);
      thinkingTokens += Math.min(tokens, left);
    } else {
      const block = isTruncated && part.type === 'tool_use' ? { ...part.block, input: {} } : part.block;
      content.push(isCut ? cutBlock(block, left) : block);
      at = at.add('assistant', block);
    }
    if (isCut) return { content, outputTokens, thinkingTokens, isCut };
  }
  return { content, outputTokens, thinkingTokens, isCut: false };
}

function listParts(scripted: ScriptedTurn, turn: number, request: MessagesRequest): Part[] {
  const { thought = defaultThought, thoughtTokens, say, calls = [], stop } = scripted;
  const { type = 'adaptive', display } = request.thinking ?? {};
  const isShown = display === 'summarized' || type === 'between_tools';
  const parts: Part[] = [];
  const think = (text: string, tokens = countTokens(text)) =>
    parts.push({ type: 'thinking', text, tokens, isShown });
  // A refusal before any output has no content.
  const isSilent = stop === 'refusal' && !say && calls.length === 0;
  if (type === 'adaptive' && thought !== null && !isSilent) think(thought, thoughtTokens);
  const isNote = calls.length > 0 && (say?.length ?? 0) > longNote && followsResults(request);
  if (say && isNote && type !== 'disabled') think(say);
  else if (say) parts.push({ type: 'text', block: { type: 'text', text: say } });
  for (const [index, [name, input]] of calls.entries()) {
    const id = `toolu_${turn}_${index + 1}`;
    const block = { type: 'tool_use', id, name, input, caller: { type: 'direct' } };
    parts.push({ type: 'tool_use', block });
  }
  return parts;
}

function followsResults({ messages }: MessagesRequest): boolean {
  return blocksOf(messages.at(-1)?.content).some(({ type }) => type === 'tool_result');
}

function cutAtSequence(text: string, sequences: string[]): { text: string; stopSequence: string | null } {
  const found = sequences
    .map((sequence) => ({ sequence, at: text.indexOf(sequence) }))
    .filter(({ at }) => at >= 0)
    .sort((one, other) => one.at - other.at)[0];
  return found
    ? { text: text.slice(0, found.at), stopSequence: found.sequence }
    : { text, stopSequence: null };
}

/** Returns the part of a block that fits. A call keeps whole pairs of key and value. */
function cutBlock(block: Block, tokens: number): Block {
  if (block.type === 'text') {
    const overhead = countBlockTokens({ ...block, text: '' });
    return { ...block, text: cutToTokens(block.text ?? '', Math.max(0, tokens - overhead)) };
  }
  const input: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(block.input as object)) {
    if (countBlockTokens({ ...block, input: { ...input, [key]: value } }) > tokens) break;
    input[key] = value;
  }
  return { ...block, input };
}
