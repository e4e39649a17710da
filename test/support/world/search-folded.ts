/*
 * Searches bytes for many texts at once, in one pass. Both are folded first: only letters and digits count,
 * in lower case, so that a text is found with line breaks or other separators in it. It shares no code with
 * the product.
 */

/** A needle is recognized by the hash of its first bytes. */
const windowLength = 20;
const factor = 0x01000193;
/** The weight of the byte that leaves the window. */
const outgoing = powerOf(factor, windowLength - 1);
const filterBits = 20;

export interface Needles {
  /** Hash of the folded text to the text. */
  byHash: ReadonlyMap<number, Buffer[]>;
  /** One bit per hash: almost every place is rejected by one look at it. */
  filter: Uint8Array;
}

export function fold(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** @param texts folded; each has at least `windowLength` characters */
export function createNeedles(texts: Iterable<string>): Needles {
  const byHash = new Map<number, Buffer[]>();
  const filter = new Uint8Array(1 << filterBits);
  for (const text of new Set(texts)) {
    if (text.length < windowLength) throw new Error(`expected ${windowLength} characters; found "${text}"`);
    const needle = Buffer.from(text, 'latin1');
    let hash = 0;
    for (const byte of needle.subarray(0, windowLength)) hash = (Math.imul(hash, factor) + byte) | 0;
    byHash.set(hash, [...(byHash.get(hash) ?? []), needle]);
    filter[hash >>> (32 - filterBits)] = 1;
  }
  return { byHash, filter };
}

/** @returns the first needle in the content, folded; null when there is none */
export function findNeedle({ byHash, filter }: Needles, content: Uint8Array): string | null {
  const folded = foldBytes(content);
  let hash = 0;
  for (let at = 0; at < folded.length; at++) {
    if (at >= windowLength) hash = (hash - Math.imul(folded[at - windowLength] as number, outgoing)) | 0;
    hash = (Math.imul(hash, factor) + (folded[at] as number)) | 0;
    if (at < windowLength - 1 || !filter[hash >>> (32 - filterBits)]) continue;
    const start = at - windowLength + 1;
    for (const needle of byHash.get(hash) ?? [])
      if (needle.equals(folded.subarray(start, start + needle.length))) return needle.toString('latin1');
  }
  return null;
}

const folds = new Uint8Array(256);
for (const char of 'abcdefghijklmnopqrstuvwxyz0123456789') {
  folds[char.charCodeAt(0)] = char.charCodeAt(0);
  folds[char.toUpperCase().charCodeAt(0)] = char.charCodeAt(0);
}

function foldBytes(bytes: Uint8Array): Buffer {
  const folded = Buffer.alloc(bytes.length);
  let length = 0;
  for (const byte of bytes) {
    const char = folds[byte] as number;
    if (char !== 0) folded[length++] = char;
  }
  return folded.subarray(0, length);
}

function powerOf(base: number, exponent: number): number {
  let power = 1;
  for (let times = 0; times < exponent; times++) power = Math.imul(power, base);
  return power;
}
