import { decodeNamedCharacterReference } from 'decode-named-character-reference';

/** `&amp;amp;lt;` is decoded down to its end at once: level by level, somebody could ask for any number of them. */
const entity = /&(?:(?:amp|#0*38|#x0*26);)*(#\d+|#x[\da-f]+|[a-z][\da-z]{1,31});/gi;

/** Entities as the characters that they stand for; those that there are not stay as they are. */
export function decodeEntities(text: string): string {
  return text.replace(entity, (whole, name: string) => decode(name) ?? whole);
}

function decode(name: string): string | null {
  // As lenient as a reader would be: HTML knows `&LT;`, but not `&Lt;` in that sense.
  if (!name.startsWith('#')) return decodeNamedCharacterReference(name) || null;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  return code > 0 && code <= 0x10ffff && !surrogate ? String.fromCodePoint(code) : '';
}
