import { createHmac } from 'node:crypto';

/**
 * The key of all signatures. It is the same in every process, as all servers of one account's API share
 * theirs.
 */
const key = 'the key of the scripted model';

/** What the signature of a thinking block or of a compaction block records. */
export interface Signed {
  /** Hash that no other block has. The next thinking block refers to it. */
  id: string;
  model: string;
  /** Hash of the system prompt. */
  system: string;
  /** Hash of the tools. */
  tools: string;
  /** Hash of the system prompt, the tools and all blocks before this one. */
  prefix: string;
  /** `id` of the thinking block before this one; null if there is none. */
  previous: string | null;
  /** Hash of the block's own text, as it was returned. */
  text: string;
  /** Number of tokens that the model produced for this block. */
  tokens: number;
  /** Set only in a compaction block: the conversation that the summary replaces. */
  compacted?: { when: string; replies: number };
}

export function sign(signed: Signed): string {
  const payload = Buffer.from(JSON.stringify(signed)).toString('base64url');
  return `${payload}.${macOf(payload)}`;
}

/** Returns what a signature records; null if it is missing or was not made by `sign`. */
export function readSignature(signature: string | null | undefined): Signed | null {
  const [payload = '', mac] = (signature ?? '').split('.');
  if (mac !== macOf(payload)) return null;
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Signed;
}

function macOf(payload: string): string {
  return createHmac('sha256', key).update(payload).digest('base64url');
}
