import { foldText } from './find-needles.js';
import { isDrawn } from './is-drawn.js';

/** What tells a live value, whole or in part, in a text that was folded, or in bytes as they are. */
export interface LiveForms {
  /** Letters and digits, in lower case. */
  folded: string[];
  /** For what has too few letters and digits. */
  exact: Buffer[];
  /** Folded, as it is, but for what stands in other people's values too; empty where pieces of it could be anybody's words. */
  plain: string;
}

/** Fewer letters and digits, with whatever between them, stand in ordinary text by chance. */
const fewestCharacters = 10;
/** A shorter one does not come in pieces that could be told. */
const shortestInPieces = 16;
/** Of a long value, a piece of this length is one too many. */
const pieceLength = 20;
/** So many pieces of a value are looked for, evenly spread. Of a private key all of them: its lines are of use one by one. */
const mostPieces = 4;
const shortest = 8;

/** A value as it is, in base64 at each of its alignments, in base32, hexadecimal, backwards and by rot13. */
export function liveForms(value: string): LiveForms {
  const forms: LiveForms = { folded: [], exact: [], plain: '' };
  if (value.length < shortest) return forms;
  const ways = [...waysToWrite(value)];
  const own = ways[0]?.isKey ? '' : value.slice(ways[0]?.known);
  if (isDrawn(own.slice(-40)) && foldText(own).length >= shortestInPieces) forms.plain = foldText(own);
  for (const { bytes, known, isKey } of ways) {
    const most = isKey ? Number.POSITIVE_INFINITY : mostPieces;
    const plain = foldText(bytes.toString('latin1'));
    const knownOfPlain = foldText(bytes.subarray(0, known).toString('latin1')).length;
    if (plain.length < fewestCharacters) forms.exact.push(bytes);
    else forms.folded.push(...turned(plain, knownOfPlain, most));
    const hex = bytes.toString('hex');
    forms.folded.push(...turned(hex, known * 2, most));
    for (let shift = 0; shift < 3; shift++) {
      const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
        .toString('base64')
        .replace(/=+$/, '');
      // The characters at both ends depend on their neighbours.
      const inner = encoded.slice(shift === 0 ? 0 : shift + 1, -1);
      forms.folded.push(...turned(foldText(inner), Math.ceil((known * 4) / 3), most));
    }
    for (let shift = 0; shift < 5; shift++) {
      const encoded = toBase32(Buffer.concat([Buffer.alloc(shift), bytes]));
      const inner = encoded.slice(Math.ceil((shift * 8) / 5), -1);
      forms.folded.push(...pieces(inner.toLowerCase(), Math.ceil((known * 8) / 5), most));
    }
  }
  return forms;
}

interface Way {
  bytes: Buffer;
  /** So many bytes at the start stand in other people's files too: headers of keys and of tokens. */
  known: number;
  isKey: boolean;
}

/** What the value itself stands for is as good as the value: a PEM's bytes, the bytes behind hexadecimal digits. */
function* waysToWrite(value: string): Generator<Way> {
  const body = /-----BEGIN[^-]*-----([\s\S]*?)-----END/.exec(value)?.[1]?.replace(/\s+/g, '');
  if (body) {
    yield { bytes: Buffer.from(body), known: 52, isKey: true };
    yield { bytes: Buffer.from(body, 'base64'), known: 39, isKey: true };
    return;
  }
  const lastPart = value.length > 80 ? value.lastIndexOf('.') + 1 : 0;
  yield { bytes: Buffer.from(value), known: lastPart, isKey: false };
  if (/^(?:[0-9a-f]{2}){8,}$/i.test(value))
    yield { bytes: Buffer.from(value, 'hex'), known: 0, isKey: false };
  else if (/^[\w+/-]{20,}={0,2}$/.test(value))
    yield { bytes: Buffer.from(value, 'base64'), known: 0, isKey: false };
}

function turned(folded: string, known: number, most: number): string[] {
  return pieces(folded, known, most).flatMap((piece) => {
    const rotated = rot13(piece);
    return [piece, backwards(piece), rotated, backwards(rotated)];
  });
}

function pieces(folded: string, known: number, most: number): string[] {
  if (folded.length < 2 * pieceLength) return folded.length >= shortest ? [folded] : [];
  const found: string[] = [];
  const step = Math.max(pieceLength, Math.floor((folded.length - known) / most));
  for (let at = known; at + pieceLength <= folded.length; at += step)
    found.push(folded.slice(at, at + pieceLength));
  return found;
}

function backwards(text: string): string {
  return [...text].reverse().join('');
}

function rot13(text: string): string {
  return text.replace(/[a-z]/g, (char) => String.fromCharCode(((char.charCodeAt(0) - 97 + 13) % 26) + 97));
}

function toBase32(bytes: Buffer): string {
  let bits = 0;
  let held = 0;
  let text = '';
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += base32Alphabet[(held >>> (bits - 5)) & 31];
  }
  return bits > 0 ? text + base32Alphabet[(held << (5 - bits)) & 31] : text;
}

export const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
