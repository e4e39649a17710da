/** Texts to look for: letters and digits only, in lower case. */
export interface Needles {
  byHash: ReadonlyMap<number, Uint8Array[]>;
  /** A bit per hash: nearly all places cost one look here. */
  filter: Uint32Array;
}

/** The letters and digits of some bytes, in lower case. */
export interface Folded {
  bytes: Uint8Array;
}

/** Shorter needles are not looked for: ordinary text would hold them. */
const shortestNeedle = 8;
const factor = 0x01000193;
const filterBits = 20;
const lastFactor = Array.from({ length: shortestNeedle - 1 }).reduce<number>(
  (power) => Math.imul(power, factor),
  1,
);

const folds = new Uint8Array(256);
for (const char of 'abcdefghijklmnopqrstuvwxyz0123456789') {
  folds[char.charCodeAt(0)] = char.charCodeAt(0);
  folds[char.toUpperCase().charCodeAt(0)] = char.charCodeAt(0);
}

/** The one buffer of all results. */
let scratch = Buffer.alloc(1 << 16);

/** The result is good until the next call. */
export function fold(bytes: Uint8Array): Folded {
  if (scratch.length < bytes.length) scratch = Buffer.alloc(bytes.length);
  let length = 0;
  for (const byte of bytes) {
    const char = folds[byte] as number;
    if (char !== 0) scratch[length++] = char;
  }
  return { bytes: scratch.subarray(0, length) };
}

export function foldText(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** @param texts folded; those that are too short are left out */
export function createNeedles(texts: Iterable<string>): Needles {
  const byHash = new Map<number, Uint8Array[]>();
  const filter = new Uint32Array(1 << (filterBits - 5));
  for (const text of new Set(texts)) {
    if (text.length < shortestNeedle) continue;
    const needle = Buffer.from(text, 'latin1');
    let hash = 0;
    for (let at = 0; at < shortestNeedle; at++) hash = (Math.imul(hash, factor) + (needle[at] ?? 0)) | 0;
    byHash.set(hash, [...(byHash.get(hash) ?? []), needle]);
    const bit = hash >>> (32 - filterBits);
    filter[bit >>> 5] = (filter[bit >>> 5] as number) | (1 << (bit & 31));
  }
  return { byHash, filter };
}

/** Finds where needles stand, from and to, in one pass, however many there are. */
export function* findNeedles({ byHash, filter }: Needles, { bytes }: Folded): Generator<[number, number]> {
  let hash = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (at >= shortestNeedle) hash = (hash - Math.imul(bytes[at - shortestNeedle] as number, lastFactor)) | 0;
    hash = (Math.imul(hash, factor) + (bytes[at] as number)) | 0;
    const bit = hash >>> (32 - filterBits);
    if (at < shortestNeedle - 1 || (((filter[bit >>> 5] as number) >>> (bit & 31)) & 1) === 0) continue;
    const start = at - shortestNeedle + 1;
    for (const needle of byHash.get(hash) ?? [])
      if (matches(needle, bytes, start)) yield [start, start + needle.length];
  }
}

function matches(needle: Uint8Array, bytes: Uint8Array, start: number): boolean {
  if (start + needle.length > bytes.length) return false;
  for (let at = 0; at < needle.length; at++) if (needle[at] !== bytes[start + at]) return false;
  return true;
}
