import { readBase32, readBase58, readBase64, readBase85, readUuencoded } from './decode-base.js';
import { readEscapes, readHex, readNumbers } from './decode-codes.js';
import { decompress, decompressUnmarked } from './decompress.js';
import { shortestNeedle } from './find-needles.js';
import { rewriteText } from './rewrite-text.js';

const kilobyte = 1024;
const megabyte = 1024 * kilobyte;
/** How deep layers of encoding are followed, and how many bytes are looked at in all: so many, and so many for each of the text. */
const maxDepth = 3;
const maxBytes = 64 * megabyte;
const maxBytesForEach = 40;
/** From here on, what costs much is done window by window, and words of a usual length are not taken for encoded ones elsewhere. */
const large = megabyte / 8;
const windowBytes = large / 2;
/** What is encoded and shorter than this is whole in one of them. */
const overlap = 4 * kilobyte;
/** Layers are followed less deep there than in a text that is small. */
const depthOfWindows = 1;
const shortestWordInLarge = 16;

/** A text as somebody could read it. */
export interface Reading {
  bytes: Buffer;
  /** Most of it is: a decoding of what need not be encoded. Its stretches of text come once more, as text. */
  isNoise: boolean;
  /** What stands together in it stood together for whoever wrote it. */
  isCertain: boolean;
  /** It was cut out of noise, and some of that may stick to its ends. */
  isRagged: boolean;
}

interface Text extends Omit<Reading, 'isNoise'> {
  depth: number;
  /** Turned around or rotated already: doing it again would lead back. */
  turned: readonly Turn[];
}

type Turn = 'backwards' | 'rot13';
const bothTurns: readonly Turn[] = ['backwards', 'rot13'];

/**
 * Every reading of a text in which something could be hidden: as it is, and decoded in every way that is known, in
 * layers. Most of what comes out is noise. Linear in the text's length, and bounded.
 * @returns through the generator's end: whether all of it was looked at
 */
export function* unfoldText(text: string | Buffer): Generator<Reading, boolean> {
  const first = typeof text === 'string' ? Buffer.from(text) : text;
  const budget = { left: maxBytes + first.length * maxBytesForEach };
  const isLarge = first.length > large;
  const start: Text = { bytes: first, isCertain: true, isRagged: false, depth: 0, turned: [] };
  const depth = isLarge ? maxDepth : 1;
  const others = [...rewriteText(text)].map((one): Text => ({ ...start, ...one, depth, turned: bothTurns }));
  // What windows leave out.
  if (isLarge) others.push({ ...start, bytes: rot13(first), isCertain: false, depth });
  if (!(yield* unfold([start, ...others], budget))) return false;
  for (let at = 0; isLarge && at < first.length; at += windowBytes - overlap) {
    const bytes = first.subarray(at, at + windowBytes);
    const inWindow: Text = { ...start, bytes, depth: depthOfWindows, turned: ['rot13'] };
    if (!(yield* unfold([inWindow], budget))) return false;
  }
  return true;
}

function* unfold(queue: Text[], budget: { left: number }): Generator<Reading, boolean> {
  for (let reading = queue.shift(); reading; reading = queue.shift()) {
    const { depth } = reading;
    yield { ...reading, isNoise: false };
    if (depth === maxDepth) continue;
    // What may be noise is cut down to the stretches of text in it, and goes on as one.
    const stretches: Buffer[] = [];
    for (const bytes of readNoise(reading)) {
      if (bytes.length < shortestNeedle) continue;
      budget.left -= bytes.length;
      if (budget.left < 0) return false;
      yield { ...reading, bytes, isNoise: true };
      stretches.push(printable(bytes));
    }
    const bytes = Buffer.concat(stretches);
    if (bytes.length >= shortestNeedle) queue.push({ ...reading, bytes, isRagged: true, depth: depth + 1 });
    for (const next of rephrase(reading)) {
      budget.left -= next.bytes.length;
      if (budget.left < 0) return false;
      queue.push({ ...next, depth: depth + 1 });
    }
  }
  return true;
}

/** Decodings of which most is noise, wherever the encoded text begins. */
function* readNoise({ bytes, depth }: Text): Generator<Buffer> {
  const decoded = [
    ...readHex(bytes),
    ...readBase64(bytes, bytes.length <= large ? 2 : shortestWordInLarge),
    ...readNumbers(bytes),
    ...readBase32(bytes),
    ...(bytes.length <= (depth < 2 ? large : large / 8) ? [...readBase85(bytes), ...readBase58(bytes)] : []),
    ...(bytes.length <= large ? [...readUuencoded(bytes), ...readUnmarked(bytes)] : []),
  ];
  yield* decoded;
  for (const one of depth === 0 ? [bytes, ...decoded] : decoded) yield* decompress(one);
}

/** The same text in other words. */
function* rephrase(reading: Text): Generator<Text> {
  const { bytes, turned } = reading;
  for (const one of readEscapes(bytes)) yield { ...reading, bytes: one };
  if (bytes.length > large) return;
  for (const turn of bothTurns) {
    // Turned by letters, another's words may become a token's.
    const isCertain = reading.isCertain && turn === 'backwards';
    if (!turned.includes(turn))
      yield { ...reading, bytes: turns[turn](bytes), isCertain, turned: [...turned, turn] };
  }
}

const turns: Record<Turn, (bytes: Buffer) => Buffer> = {
  backwards: (bytes) => Buffer.from(bytes).reverse(),
  rot13,
};

/** Words of base64 or of hexadecimal digits that may be compressed data of the kinds that carry no mark. */
function readUnmarked(bytes: Buffer): Buffer[] {
  const words = bytes.toString('latin1').match(/[A-Za-z0-9+/_-]{32,}/g) ?? [];
  return words
    .slice(0, 20)
    .flatMap((word) => [
      ...decompressUnmarked(Buffer.from(word, 'base64')),
      ...(/^[0-9a-f]+$/i.test(word) ? decompressUnmarked(Buffer.from(word, 'hex')) : []),
    ]);
}

function rot13(bytes: Buffer): Buffer {
  return Buffer.from(bytes).map((byte) => {
    const letter = (byte | 0x20) - 0x61;
    return letter >= 0 && letter < 26 && byte < 0x80 ? byte - letter + ((letter + 13) % 26) : byte;
  }) as Buffer;
}

/** Parts two stretches, so that nobody reads on from one into the other. */
export const borderSign = 0x1d;
const border = [0x0a, borderSign, 0x0a];

/** Stretches of text in what may be noise: only they can hold another layer. What a wide character leaves empty is passed over. */
function printable(bytes: Buffer): Buffer {
  const kept = Buffer.allocUnsafe(bytes.length * 2 + border.length);
  let size = 0;
  let start = 0;
  const endStretch = () => {
    if (size - start < shortestNeedle) size = start;
    else for (const byte of border) kept[size++] = byte;
    start = size;
  };
  for (const byte of bytes) {
    if ((byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09) kept[size++] = byte;
    else if (byte !== 0) endStretch();
  }
  endStretch();
  return kept.subarray(0, size);
}
