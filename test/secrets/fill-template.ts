/** Alphabets of what is drawn at random, by the word that asks for it. */
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const digits = '0123456789';
const alphabets: Record<string, string> = {
  random: `${letters}${letters.toLowerCase()}${digits}`,
  base64: `${letters}${letters.toLowerCase()}${digits}+/`,
  base64url: `${letters}${letters.toLowerCase()}${digits}-_`,
  base32: `${letters}234567`,
  base36: `${letters.toLowerCase()}${digits}`,
  upper: `${letters}${digits}`,
  hex: '0123456789abcdef',
  digits,
};

/**
 * Fills a snippet of the corpora, so that no file holds what looks real: `{{hex 32}}` and `{{uuid}}` are
 * drawn, `{{basic user:password}}` is in base64, `{{jwt {"sub":"1"} }}` is a token with that payload, and
 * `{{}}` is nothing.
 * @param random numbers from 0 to 1
 */
export function fillTemplate(template: string, random: () => number): string {
  const draw = (kind: string, length: number) =>
    Array.from({ length }, () => {
      const alphabet = alphabets[kind] ?? '';
      return alphabet[Math.floor(random() * alphabet.length)];
    }).join('');
  const encode = (text: string) => Buffer.from(text).toString('base64url');
  return template
    .replaceAll('{{}}', '')
    .replace(/\{\{uuid\}\}/g, () => [8, 4, 4, 4, 12].map((length) => draw('hex', length)).join('-'))
    .replace(/\{\{(\w+) (\d+)\}\}/g, (_, kind: string, length) => draw(kind, Number(length)))
    .replace(/\{\{jwt (\{[^}]*\}) ?(\d*)\}\}/g, (_, payload: string, length) => {
      const header = encode('{"alg":"HS256","typ":"JWT"}');
      return `${header}.${encode(payload)}.${draw('base64url', Number(length || 43))}`;
    })
    .replace(/\{\{basic ([^}]*)\}\}/g, (_, text: string) => Buffer.from(text).toString('base64'));
}
