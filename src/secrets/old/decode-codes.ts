/*
 * Readings of a whole text as codes of characters, written one by one: escapes of URLs, HTML, mail and programs, and
 * lists of numbers. Each is one pass.
 */

const isHex = (byte: number) =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
const isOctal = (byte: number) => byte >= 0x30 && byte <= 0x37;
const isAlphanumeric = (byte: number) =>
  isDigit(byte) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);

const opensEscape = new Uint8Array(256);
for (const char of '%=\\&Uu') opensEscape[char.charCodeAt(0)] = 1;

/** @returns nothing when there is none to read */
export function readEscapes(bytes: Uint8Array): Buffer[] {
  const decoded = Buffer.allocUnsafe(bytes.length);
  let size = 0;
  let found = false;
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] as number;
    const read = opensEscape[byte] === 1 ? readEscape(bytes, at) : null;
    if (read) found = true;
    decoded[size++] = read?.code ?? byte;
    at = read?.next ?? at + 1;
  }
  return found ? [decoded.subarray(0, size)] : [];
}

/** `%41`, `=41`, `=` at a line's end, `\x41`, `\u0041`, `\u{41}`, `\101`, `\` at a line's end, `&#65;`, `&#x41;`, `U+0041`. */
function readEscape(bytes: Uint8Array, at: number): { code: number; next: number } | null {
  const byte = bytes[at];
  const char = (offset: number) => bytes[at + offset] ?? 0;
  const take = (from: number, is: (byte: number) => boolean, radix: number, most: number) => {
    let end = from;
    while (end < from + most && end < bytes.length && is(bytes[end] as number)) end++;
    const code = end > from ? Number.parseInt(String.fromCharCode(...bytes.subarray(from, end)), radix) : -1;
    return { digits: end - from, code: code > 255 ? 0 : code, next: end };
  };
  const lineEnds = char(1) === 0x0a || (char(1) === 0x0d && char(2) === 0x0a);
  if (byte === 0x25 || byte === 0x3d) {
    if (byte === 0x3d && lineEnds) return { code: 0, next: at + (char(1) === 0x0a ? 2 : 3) };
    const hex = take(at + 1, isHex, 16, 2);
    return hex.digits === 2 ? hex : null;
  }
  if (byte === 0x5c) {
    if (lineEnds) return { code: 0, next: at + (char(1) === 0x0a ? 2 : 3) };
    if (char(1) === 0x78 || char(1) === 0x75 || char(1) === 0x55) {
      const braces = char(2) === 0x7b;
      const hex = take(at + (braces ? 3 : 2), isHex, 16, char(1) === 0x78 ? 2 : char(1) === 0x75 ? 4 : 8);
      return hex.digits > 0 ? { ...hex, next: hex.next + (braces ? 1 : 0) } : null;
    }
    const octal = take(at + 1, isOctal, 8, 3);
    if (octal.digits >= 2) return octal;
    // Of `\n`, `\t`, `\"` and their kin nothing is left that could part a value.
    return char(1) === 0x6e || char(1) === 0x74 || char(1) === 0x72 ? { code: 0, next: at + 2 } : null;
  }
  if (byte === 0x26 && char(1) === 0x23) {
    const isX = char(2) === 0x78 || char(2) === 0x58;
    const number = isX ? take(at + 3, isHex, 16, 8) : take(at + 2, isDigit, 10, 8);
    if (number.digits === 0) return null;
    return { ...number, next: number.next + (bytes[number.next] === 0x3b ? 1 : 0) };
  }
  if ((byte === 0x55 || byte === 0x75) && char(1) === 0x2b) {
    const hex = take(at + 2, isHex, 16, 6);
    return hex.digits >= 4 ? hex : null;
  }
  return null;
}

/** What is hexadecimal within a longer word counts from so many digits on. */
const longDigits = 16;

/** Hexadecimal words in their order: `6768`, `67 68`, `0x67, 0x68`, `67:68`; twice, for where pairs may begin. */
export function readHex(bytes: Uint8Array): Buffer[] {
  const even = Buffer.allocUnsafe(bytes.length);
  const odd = Buffer.allocUnsafe(bytes.length);
  let sizeOfEven = 0;
  let sizeOfOdd = 0;
  forEachWord(bytes, isAlphanumeric, (from, end) => {
    const first = bytes[from] as number;
    // `0x67`, and what is left of `\x67` and `\u0067` when the sign before it is no part of the word.
    const start =
      first === 0x30 && (bytes[from + 1] === 0x78 || bytes[from + 1] === 0x58)
        ? from + 2
        : first === 0x78 || first === 0x75
          ? from + 1
          : from;
    for (let at = start; at < end; at++) {
      const begin = at;
      while (at < end && isHex(bytes[at] as number)) at++;
      const length = at - begin;
      const whole = begin === start && at === end && length >= 2;
      if (!whole && length < longDigits) continue;
      for (let digit = begin; digit + 1 < at; digit += 2) even[sizeOfEven++] = pair(bytes, digit);
      if (length < longDigits && length % 2 === 0) continue;
      for (let digit = begin + 1; digit + 1 < at; digit += 2) odd[sizeOfOdd++] = pair(bytes, digit);
    }
  });
  return [even.subarray(0, sizeOfEven), odd.subarray(0, sizeOfOdd)];
}

/** Decimal, octal and binary numbers of a character's size, in their order, whatever stands between them. */
export function readNumbers(bytes: Uint8Array): Buffer[] {
  const [decimal, octal, binary]: [number[], number[], number[]] = [[], [], []];
  forEachWord(bytes, isDigit, (from, end) => {
    const length = end - from;
    if (length > 100_000) return;
    const word = String.fromCharCode(...bytes.subarray(from, Math.min(end, from + 8)));
    if (length <= 3 && length >= 2) {
      if (Number(word) < 256) decimal.push(Number(word));
      if (!/[89]/.test(word) && Number.parseInt(word, 8) < 256) octal.push(Number.parseInt(word, 8));
    }
    if (length >= 6 && /^[01]+$/.test(word)) {
      const width = length % 8 === 0 ? 8 : length <= 8 ? length : length % 7 === 0 ? 7 : 8;
      for (let at = from; at + width <= end; at += width) {
        let code = 0;
        for (let bit = at; bit < at + width; bit++) code = (code << 1) | ((bytes[bit] as number) & 1);
        binary.push(code);
      }
    }
  });
  return [decimal, octal, binary].map((codes) => Buffer.from(codes));
}

function pair(bytes: Uint8Array, at: number): number {
  return (digitOf(bytes[at] as number) << 4) | digitOf(bytes[at + 1] as number);
}

function digitOf(byte: number): number {
  return isDigit(byte) ? byte - 0x30 : (byte & 0x5f) - 0x37;
}

function forEachWord(
  bytes: Uint8Array,
  is: (byte: number) => boolean,
  visit: (from: number, end: number) => void,
): void {
  for (let at = 0; at < bytes.length; at++) {
    if (!is(bytes[at] as number)) continue;
    const from = at;
    while (at < bytes.length && is(bytes[at] as number)) at++;
    visit(from, at);
  }
}
