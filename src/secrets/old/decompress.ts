import { brotliDecompressSync, constants, inflateRawSync, inflateSync } from 'node:zlib';

const megabyte = 1024 * 1024;
const maxOutputLength = megabyte;
/** Nothing grows by more than about a thousand: so much of a larger stream's beginning is looked at. */
const maxInputOfBomb = 1000;
const maxTries = 40;

/** The second byte of zlib's mark. */
const levels = new Set([0x01, 0x5e, 0x9c, 0xda]);
const forgiving = { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH };

/**
 * What is compressed in some bytes, wherever it begins: gzip, zlib, the parts of a zip; and, of texts that were decoded,
 * raw deflate and brotli, which nothing tells but that they can be read. Bounded in number and in size.
 */
export function decompress(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  const attempt = (at: number, read: (input: Buffer) => Buffer) => {
    const output = tryTo(read, bytes.subarray(at)) ?? tryTo(read, bytes.subarray(at, at + maxInputOfBomb));
    if (output && output.length > 0) found.push(output);
  };
  let tries = 0;
  for (let at = 0; at + 1 < bytes.length && tries < maxTries; at++) {
    const first = bytes[at];
    const second = bytes[at + 1] as number;
    if (first === 0x1f && second === 0x8b && bytes[at + 2] === 8 && (bytes[at + 3] ?? 255) < 32)
      attempt(endOfGzipHeader(bytes, at), inflateRaw);
    else if (first === 0x78 && levels.has(second)) attempt(at, inflate);
    else if (first === 0x50 && second === 0x4b && bytes[at + 2] === 3 && bytes[at + 3] === 4) {
      if (at + 30 > bytes.length) break;
      attempt(at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28), inflateRaw);
    } else continue;
    tries++;
  }
  return found;
}

/** Node's own reader of gzip refuses what is followed by anything else. */
function endOfGzipHeader(bytes: Buffer, start: number): number {
  const flags = bytes[start + 3] ?? 0;
  let at = start + 10;
  if (flags & 4) at += 2 + ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8));
  // A name, a comment: each up to a zero.
  for (const flag of [8, 16]) if (flags & flag) at = Math.max(at, bytes.indexOf(0, at) + 1);
  return flags & 2 ? at + 2 : at;
}

/** What begins at the first byte, without a mark that says so. */
export function decompressUnmarked(bytes: Buffer): Buffer[] {
  return [inflateRaw, unbrotli].flatMap((read) => tryTo(read, bytes) ?? []);
}

const inflate = (input: Buffer) => inflateSync(input, forgiving);
const inflateRaw = (input: Buffer) => inflateRawSync(input, forgiving);
const unbrotli = (input: Buffer) =>
  brotliDecompressSync(input, { maxOutputLength, finishFlush: constants.BROTLI_OPERATION_FLUSH });

function tryTo(read: (input: Buffer) => Buffer, input: Buffer): Buffer | null {
  try {
    return read(input);
  } catch (error) {
    // Not compressed that way, or too large; anything else is a fault of ours.
    if (typeof (error as { code?: unknown }).code === 'string') return null;
    throw error;
  }
}
