import { lintSource } from '@secretlint/core';
import { creator as preset } from '@secretlint/secretlint-rule-preset-recommend';

/** A credential in a text: where it starts and ends, and what it is. Never its value. */
export interface SecretPlace {
  start: number;
  end: number;
  /** Such as `a GitHub token`. */
  what: string;
}

/** What the scanner's rules are too young, or too careful, for: GitHub's tokens of both styles, Claude's keys, any private key. */
const tokens: [RegExp, string][] = [
  [/\bgh[pousr]_[A-Za-z0-9._-]{36,}/g, 'a GitHub token'],
  [/\bgithub_pat_\w{22,}/g, 'a GitHub token'],
  // Those that end so stand in Amazon's own documentation.
  [/\b(?:AKIA|ASIA)(?![A-Z0-9]{9}EXAMPLE\b)[A-Z0-9]{16}\b/g, 'an AWS access key'],
  [/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/g, 'a private key'],
  [/\bsk-ant-[\w-]{24,}/g, 'a Claude API key'],
];

const shortest = 8;

/**
 * Finds credentials of the known kinds, and the exact live values of this process: as they are, and in the encodings
 * that somebody would hide them with.
 * @param live values that must not leave, whatever they look like
 */
export async function findSecrets(text: string, live: readonly string[]): Promise<SecretPlace[]> {
  const places: SecretPlace[] = [];
  for (const form of live.flatMap(formsOf))
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
      places.push({ start: at, end: at + form.length, what: 'a credential of this installation' });
  for (const [pattern, what] of tokens)
    for (const match of text.matchAll(pattern))
      places.push({ start: match.index, end: match.index + match[0].length, what });
  const { messages } = await lintSource({
    source: { filePath: 'content', content: text, ext: '', contentType: 'text' },
    options: {
      noPhysicFilePath: true,
      config: { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: preset }] },
    },
  });
  for (const { range, ruleId } of messages)
    if (!opensNothing(text.slice(range[0], range[1])))
      places.push({
        start: range[0],
        end: range[1],
        what: `a credential (${ruleId.replace('@secretlint/secretlint-rule-', '')})`,
      });
  return places.sort((one, other) => one.start - other.start);
}

/** Names that lead to no machine of anybody's: this one, or those kept for examples and tests (RFC 2606, RFC 6761). */
const nowhere =
  /^(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1\]|(?:.+\.)?(?:test|example|invalid|localhost|example\.(?:com|org|net)))$/i;
const placeholders =
  /^(?:|postgres|password|passwd|pass|secret|example|root|admin|test|user|changeme|mysql|mongo|x+|\*+)$/i;

/**
 * A URL with a password that every developer's machine has (`postgres://postgres:postgres@localhost`), or that stands for one: tests and
 * compose files are full of them, and nobody gets anywhere with it.
 */
function opensNothing(found: string): boolean {
  const [, user = '', password = '', host = ''] =
    /:\/\/([^:@/\s]*):([^@/\s]*)@(\[[^\]]*\]|[^:/?\s'"`]+)/.exec(found) ?? [];
  if (host === '') return false;
  // A single word is a service of a compose file, or a machine of a real network: there the password decides.
  return nowhere.test(host) || (!host.includes('.') && isPlaceholder(password, user));
}

/** A password that everybody would try first: a word of every other file, which hides nothing. */
export function isPlaceholder(password: string, user: string): boolean {
  return placeholders.test(password) || password.toLowerCase() === user.toLowerCase();
}

/** The text with every credential replaced. */
export async function withholdSecrets(text: string, live: readonly string[]): Promise<string> {
  let result = '';
  let from = 0;
  for (const { start, end } of await findSecrets(text, live)) {
    if (end <= from) continue;
    result += `${text.slice(from, Math.max(from, start))}${start >= from ? '[withheld]' : ''}`;
    from = end;
  }
  return result + text.slice(from);
}

/** A value as it is, percent-encoded, hexadecimal, in base64 at each of its three alignments, and backwards. */
export function formsOf(value: string): string[] {
  if (value.length < shortest) return [];
  // A private key has many lines; each of them is one too many.
  const lines = value.includes('\n') ? value.split('\n').filter((line) => line.length >= 40) : [value];
  return lines.flatMap((line) => {
    const hex = Buffer.from(line).toString('hex');
    const aligned = [0, 1, 2].map((shift) => {
      const encoded = Buffer.from(' '.repeat(shift) + line)
        .toString('base64')
        .replace(/=+$/, '');
      // The characters at both ends depend on their neighbours.
      return encoded.slice(shift === 0 ? 0 : shift + 1, -1);
    });
    const urlSafe = aligned.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
    const percent = [...line].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('');
    const forms = [
      line,
      [...line].reverse().join(''),
      encodeURIComponent(line),
      percent,
      hex,
      hex.toUpperCase(),
      ...aligned,
      ...urlSafe,
    ];
    return [...new Set(forms)];
  });
}
