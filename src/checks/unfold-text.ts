import { readBase32, readBase58, readBase64, readBase85, readUuencoded } from './decode-base.js';
import { readEscapes, readHex, readNumbers } from './decode-codes.js';
import { decompress, decompressUnmarked } from './decompress.js';
import { shortestNeedle } from './find-needles.js';

const kilobyte = 1024;
const megabyte = 1024 * kilobyte;
/** How deep layers of encoding are followed, and how many bytes are looked at in all. */
const maxDepth = 3;
const maxBytes = 64 * megabyte;
/** From here on, what costs much is left out, and words of a usual length are not taken for encoded ones. */
const large = megabyte / 8;
const shortestWordInLarge = 16;

interface Reading {
  bytes: Buffer;
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
export function* unfoldText(text: string | Buffer): Generator<Buffer, boolean> {
  const first = typeof text === 'string' ? Buffer.from(text) : text;
  const queue: Reading[] = [
    { bytes: first, depth: 0, turned: [] },
    ...[...rewrite(text)].map((bytes) => ({
      bytes,
      depth: first.length <= large ? 1 : maxDepth,
      turned: bothTurns,
    })),
  ];
  let left = maxBytes;
  for (let reading = queue.shift(); reading; reading = queue.shift()) {
    yield reading.bytes;
    if (reading.depth === maxDepth) continue;
    const { depth } = reading;
    // What may be noise is cut down to the stretches of text in it, and goes on as one.
    const stretches: Buffer[] = [];
    for (const bytes of readNoise(reading)) {
      if (bytes.length < shortestNeedle) continue;
      left -= bytes.length;
      if (left < 0) return false;
      yield bytes;
      stretches.push(printable(bytes));
    }
    const text = Buffer.concat(stretches);
    if (text.length >= shortestNeedle) queue.push({ bytes: text, depth: depth + 1, turned: reading.turned });
    for (const next of rephrase(reading)) {
      left -= next.bytes.length;
      if (left < 0) return false;
      queue.push({ ...next, depth: depth + 1 });
    }
  }
  return true;
}

/** Decodings of which most is noise, wherever the encoded text begins. */
function* readNoise({ bytes, depth }: Reading): Generator<Buffer> {
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
function* rephrase({ bytes, turned }: Reading): Generator<Omit<Reading, 'depth'>> {
  for (const one of readEscapes(bytes)) yield { bytes: one, turned };
  if (bytes.length > large) return;
  if (!turned.includes('backwards'))
    yield { bytes: Buffer.from(bytes).reverse(), turned: [...turned, 'backwards'] };
  if (!turned.includes('rot13')) yield { bytes: rot13(bytes), turned: [...turned, 'rot13'] };
}

/** A text as it would be read by others: letters in other guises, the strings of a program only, lines without their heads. */
function* rewrite(text: string | Buffer): Generator<Buffer> {
  const words = typeof text === 'string' ? text : text.toString('latin1');
  if (typeof text === 'string' && /[^\0-\x7f]/.test(text)) yield Buffer.from(text.normalize('NFKD'));
  if (words.length > megabyte) return;
  for (const literals of literalsOf(words)) yield Buffer.from(literals, 'latin1');
  const lines = words.split('\n');
  // Line numbers, addresses of a dump; and what a dump says beside its digits.
  yield Buffer.from(lines.map((line) => line.replace(/^\W*\w*\d\w*\W\s*/, '')).join('\n'), 'latin1');
  yield Buffer.from(lines.map(digitsOfDump).join('\n'), 'latin1');
  yield Buffer.from(lines.map((line) => /[a-z0-9]/i.exec(line.slice(0, 200))?.[0] ?? '').join(''), 'latin1');
  yield Buffer.from(
    lines.map((line) => /[a-z0-9](?=[^a-z0-9]*$)/i.exec(line.slice(-200))?.[0] ?? '').join(''),
    'latin1',
  );
}

/** What stands in quotes, one behind the other; and what stands between them, for who knows where the first one opens. */
function* literalsOf(text: string): Generator<string> {
  for (const quote of ['"', "'", '`']) {
    const parts = text.split(quote);
    if (parts.length < 3) continue;
    for (const odd of [0, 1]) yield parts.filter((_, index) => index % 2 === odd).join('');
  }
}

function digitsOfDump(line: string): string {
  return /^[\W_]*[0-9a-f]{4,16}:?[ \t]+((?:[0-9a-f]{2,4}[ \t]{1,2})+)/i.exec(line.slice(0, 400))?.[1] ?? '';
}

/** Words of base64 that may be compressed data of the kinds that carry no mark. */
function readUnmarked(bytes: Buffer): Buffer[] {
  const words = bytes.toString('latin1').match(/[A-Za-z0-9+/_-]{32,}/g) ?? [];
  return words.slice(0, 20).flatMap((word) => decompressUnmarked(Buffer.from(word, 'base64')));
}

function rot13(bytes: Buffer): Buffer {
  return Buffer.from(bytes).map((byte) => {
    const letter = (byte | 0x20) - 0x61;
    return letter >= 0 && letter < 26 && byte < 0x80 ? byte - letter + ((letter + 13) % 26) : byte;
  }) as Buffer;
}

/** Parts two stretches, so that nobody reads on from one into the other. */
const border = [0x0a, 0x20, 0x0a];

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
