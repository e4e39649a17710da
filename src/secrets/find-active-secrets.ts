import { LRUCache } from 'lru-cache';

/** Minimum length of a secret that is searched for. Ordinary text could contain a shorter one by chance. */
const minLength = 8;
const factor = 0x01000193;
const hashOf = (text: string) => {
  let hash = 0;
  for (let at = 0; at < minLength; at++) hash = (Math.imul(hash, factor) + text.charCodeAt(at)) | 0;
  return hash;
};
/** The weight of a window's first character in the window's hash. */
const lastFactor = hashOf(`\u0001${'\0'.repeat(minLength - 1)}`);
const invisible = /[\s\p{Cc}\p{Default_Ignorable_Code_Point}]/u;

/** Finds all active secrets. Ignores white space inside a secret, because encoders insert line breaks. */
export function* findActiveSecrets(
  text: string,
  activeSecrets: readonly string[],
): Generator<{ start: number; end: number }> {
  const { forms, filter } = indexes.memo(activeSecrets.join('\0'));
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
    const end = Math.max(...(forms.get(hash) ?? []).map((form) => matchForm(text, start, form)));
    if (end > covered) yield { start, end };
    covered = Math.max(covered, end);
  }
}

function isInvisible(code: number): boolean {
  return code <= 0x20 || (code > 0x7e && invisible.test(String.fromCharCode(code)));
}

/** @returns the end of `form` in `text` if `form` begins at `start`; otherwise -1 */
function matchForm(text: string, start: number, form: string): number {
  let at = start;
  for (let matched = 0; matched < form.length; at++) {
    const code = text.charCodeAt(at);
    if (code === form.charCodeAt(matched)) matched++;
    else if (!isInvisible(code)) return -1;
  }
  return at;
}

/** Indexes secrets' forms by the hash of their first 8 characters. `filter` rules out most hashes. */
const indexes = new LRUCache({
  // The log and the requests to GitHub use different lists.
  max: 4,
  memoMethod: (joinedSecrets: string) => {
    const index = { forms: new Map<number, string[]>(), filter: new Uint8Array(1 << 16) };
    for (const form of new Set(joinedSecrets.split('\0').flatMap((secret) => formsOf.memo(secret)))) {
      if (form.length < minLength) continue;
      const hash = hashOf(form);
      index.filter[hash >>> 16] = 1;
      index.forms.set(hash, [...(index.forms.get(hash) ?? []), form]);
    }
    return index;
  },
});

const visibleIn = (text: string) => [...text].filter((char) => !isInvisible(char.charCodeAt(0))).join('');
/** The forms of each secret. A new list differs in one token, and a private key has hundreds of forms. */
const formsOf = new LRUCache<string, string[]>({
  max: 100,
  memoMethod: (secret) => splitKey(secret).flatMap(writeForms).map(visibleIn),
});

/** Adds the lines of a private key, because even a single line is useful to an attacker. */
function splitKey(secret: string): string[] {
  if (!secret.includes('PRIVATE KEY')) return [secret];
  return [secret.trim(), ...secret.split(/\s+|\\n/).filter((line) => /^[\w+/]{16,}={0,2}$/.test(line))];
}

/** Returns the forms of a secret in a text. The Base64 form depends on the secret's position modulo 3. */
function writeForms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const urls = [
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams({ '': secret }).toString().slice(1),
    hex.replace(/../g, '%$&'),
  ];
  const base64 = [0, 1, 2].map((shift) =>
    // The first and last Base64 characters depend partly on the bytes around the secret. Cut them off.
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(Math.ceil((shift * 4) / 3), Math.floor(((shift + bytes.length) * 4) / 3)),
  );
  return [
    ...[secret, JSON.stringify(secret).slice(1, -1), [...secret].reverse().join(''), hex, hex.toUpperCase()],
    ...urls.map((text) => text.replace(/%../g, (code) => code.toUpperCase())),
    ...urls.map((text) => text.replace(/%../g, (code) => code.toLowerCase())),
    ...base64.flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')]),
  ];
}
