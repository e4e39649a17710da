/** The search skips shorter secrets, because ordinary text may contain them. */
const minLength = 8;
const factor = 0x01000193;
const hashOf = (text: string) => {
  let hash = 0;
  for (let at = 0; at < minLength; at++) hash = (Math.imul(hash, factor) + text.charCodeAt(at)) | 0;
  return hash;
};
/** The weight in the hash of the character that leaves the window of 8. */
const lastFactor = hashOf(`\u0001${'\0'.repeat(minLength - 1)}`);
const invisible = /[\s\p{Cc}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Finds active secrets in one pass, however many there are. White space and invisible characters may stand
 * within one: encoders break lines.
 */
export function* findActiveSecrets(
  text: string,
  activeSecrets: readonly string[],
): Generator<{ start: number; end: number }> {
  const { forms, filter } = indexForms(activeSecrets);
  const window = new Uint32Array(minLength);
  let [count, hash, covered] = [0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isInvisible(code)) continue;
    const slot = count++ % minLength;
    if (count > minLength) hash -= Math.imul(text.charCodeAt(window[slot] as number), lastFactor);
    hash = (Math.imul(hash, factor) + code) | 0;
    window[slot] = at;
    if (count < minLength || filter[hash >>> 16] === 0) continue;
    const start = window[count % minLength] as number;
    const ends = (forms.get(hash) ?? []).map((form) => matchForm(text, start, form));
    const end = Math.max(...ends);
    if (end > covered) yield { start, end };
    covered = Math.max(covered, end);
  }
}

function isInvisible(code: number): boolean {
  return code <= 0x20 || (code > 0x7e && invisible.test(String.fromCharCode(code)));
}

/** @returns the end of a form that starts at a place, or -1 */
function matchForm(text: string, start: number, form: string): number {
  let at = start;
  for (let matched = 0; matched < form.length; at++) {
    const code = text.charCodeAt(at);
    if (code === form.charCodeAt(matched)) matched++;
    else if (!isInvisible(code)) return -1;
  }
  return at;
}

/** Active secrets change when a token is minted, and are asked about much more often. */
let latest: { key: string; forms: Map<number, string[]>; filter: Uint8Array } | null = null;

/** Forms by the hash of their first 8 characters. Most places of a text fail the filter by half a hash. */
function indexForms(activeSecrets: readonly string[]): NonNullable<typeof latest> {
  const key = activeSecrets.join('\0');
  if (latest?.key === key) return latest;
  const index = { key, forms: new Map<number, string[]>(), filter: new Uint8Array(1 << 16) };
  for (const written of new Set(activeSecrets.flatMap(splitKey).flatMap(writeForms))) {
    const form = [...written].filter((char) => !isInvisible(char.charCodeAt(0))).join('');
    if (form.length < minLength) continue;
    const hash = hashOf(form);
    index.filter[hash >>> 16] = 1;
    index.forms.set(hash, [...(index.forms.get(hash) ?? []), form]);
  }
  latest = index;
  return index;
}

/** A private key and each of its lines, because even a single line is useful to an attacker. */
function splitKey(secret: string): string[] {
  if (!secret.includes('PRIVATE KEY')) return [secret];
  return [secret.trim(), ...secret.split(/\s+|\\n/).filter((line) => /^[\w+/]{16,}={0,2}$/.test(line))];
}

/** A secret in plain text, in JSON, reversed, in URLs, in hexadecimal, and in base64 at each alignment. */
function writeForms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const urls = [
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams({ '': secret }).toString().slice(1),
    hex.replace(/../g, '%$&'),
  ];
  const base64 = [0, 1, 2].map((shift) =>
    // The characters at both ends depend on their neighbors too.
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(Math.ceil((shift * 4) / 3), Math.floor(((shift + bytes.length) * 4) / 3)),
  );
  return [
    ...[secret, JSON.stringify(secret).slice(1, -1), [...secret].reverse().join('')],
    ...[hex, hex.toUpperCase()],
    ...urls.map((text) => text.replace(/%../g, (code) => code.toUpperCase())),
    ...urls.map((text) => text.replace(/%../g, (code) => code.toLowerCase())),
    ...base64.flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')]),
  ];
}
