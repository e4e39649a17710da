import { lintSource } from '@secretlint/core';
import { secretLintProfiler } from '@secretlint/profiler';
import { creator as preset } from '@secretlint/secretlint-rule-preset-recommend';
import { createNeedles, findNeedles, fold, type Needles, shortestNeedle } from './find-needles.js';
import { isPlaceholder } from './is-placeholder.js';
import { type LiveForms, liveForms } from './live-forms.js';
import { unfoldText } from './unfold-text.js';

/** A credential in a text: where it starts and ends, and what it is. Never its value. */
export interface SecretPlace {
  start: number;
  end: number;
  /** Such as `a GitHub token`. */
  what: string;
  /** It is somewhere in the text: encoded, or in pieces. */
  unplaced?: true;
}

/** Where texts are looked through: here, or in a thread of their own (open-secret-search.ts). */
export interface SecretSearch {
  find(text: string, live: readonly string[]): Promise<SecretPlace[]>;
  /** As `hidesLive`. */
  hides(text: string, live: readonly string[]): Promise<boolean>;
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

/**
 * Finds credentials of the known kinds, and the exact live values of this process: as they are, in pieces, and in the
 * encodings that somebody would hide them with.
 * @param live values that must not leave, whatever they look like
 */
export async function findSecrets(text: string, live: readonly string[]): Promise<SecretPlace[]> {
  const places = [...locateLive(text, live), ...locateTokens(text), ...(await lint(text))];
  if (!places.some(({ what }) => what === ours) && hidesLive(text, live))
    places.push({ start: 0, end: text.length, what: `${ours} in another form`, unplaced: true });
  return merge(places);
}

/** The text with every credential replaced: alone where its place is known, else with its paragraph, or all of it. */
export async function withholdSecrets(text: string, live: readonly string[]): Promise<string> {
  let result = '';
  let from = 0;
  for (const { start, end } of merge([
    ...locateLive(text, live),
    ...locateTokens(text),
    ...(await lint(text)),
  ])) {
    result += `${text.slice(from, start)}${withheld}`;
    from = end;
  }
  result += text.slice(from);
  if (!hidesLive(result, live)) return result;
  const paragraphs = result.split(/(\n[ \t]*\n)/);
  result = paragraphs.map((paragraph) => (hidesLive(paragraph, live) ? withheld : paragraph)).join('');
  return hidesLive(result, live) ? withheld : result;
}

/** Whether a live value can be read out of a text or a file's bytes, however it is encoded there. */
export function hidesLive(text: string | Buffer, live: readonly string[]): boolean {
  if (text.length < shortestNeedle || live.length === 0) return false;
  const { needles, exact } = formsOfAll(live);
  const readings = unfoldText(text);
  for (let next = readings.next(); ; next = readings.next()) {
    // What is too deep to be looked through whole is not for anybody's eyes either.
    if (next.done) return !next.value;
    const { value: bytes } = next;
    if (!findNeedles(needles, fold(bytes)).next().done) return true;
    if (exact.some((one) => bytes.includes(one))) return true;
  }
}

/** In this thread, which does nothing else meanwhile. */
export const searchHere: SecretSearch = {
  find: findSecrets,
  hides: async (text, live) => hidesLive(text, live),
};

const ours = 'a credential of this installation';
const withheld = '[withheld]';

function locateLive(text: string, live: readonly string[]): SecretPlace[] {
  const places: SecretPlace[] = [];
  const add = (start: number, end: number) => places.push({ start, end, what: ours });
  for (const value of live.filter(({ length }) => length >= shortestNeedle))
    for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length))
      add(at, at + value.length);
  // One byte for each character, so that places are those of the text.
  const folded = fold(Buffer.from(text.replace(/[^\0-\xff]/g, '\0'), 'latin1'), true);
  for (const [from, end] of findNeedles(formsOfAll(live).needles, folded)) {
    const positions = folded.positions as Uint32Array;
    const first = positions[from] as number;
    const last = positions[end - 1] as number;
    // A piece of a longer value: the rest of its word goes with it.
    const before = /[\w+/=.-]*$/.exec(text.slice(Math.max(0, first - 1000), first))?.[0].length ?? 0;
    const after = /^[\w+/=.-]*/.exec(text.slice(last + 1, last + 1001))?.[0].length ?? 0;
    add(first - before, last + 1 + after);
    if (places.length > 1000) break;
  }
  return places;
}

function locateTokens(text: string): SecretPlace[] {
  return tokens.flatMap(([pattern, what]) =>
    [...text.matchAll(pattern)].map((match) => ({
      start: match.index,
      end: match.index + match[0].length,
      what,
    })),
  );
}

/*
 * Secretlint measures itself, keeps every measurement for as long as the process lives, and goes through all of them at the next one:
 * in a server, memory and time without end.
 */
secretLintProfiler.mark = () => {};

async function lint(text: string): Promise<SecretPlace[]> {
  const { messages } = await lintSource({
    source: { filePath: 'content', content: text, ext: '', contentType: 'text' },
    options: {
      noPhysicFilePath: true,
      config: { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: preset }] },
    },
  });
  return messages
    .filter(({ range }) => !opensNothing(text.slice(range[0], range[1])))
    .map(({ range: [start, end], ruleId }) => ({
      start,
      end,
      what: `a credential (${ruleId.replace('@secretlint/secretlint-rule-', '')})`,
    }));
}

/** In order, and those that overlap as one. */
function merge(places: SecretPlace[]): SecretPlace[] {
  const merged: SecretPlace[] = [];
  for (const place of places.sort((one, other) => one.start - other.start)) {
    const last = merged.at(-1);
    if (last && place.start < last.end) last.end = Math.max(last.end, place.end);
    else merged.push({ ...place });
  }
  return merged;
}

interface AllForms {
  needles: Needles;
  exact: Buffer[];
}

/** Live values change when a token is minted, and are asked about much more often. */
let latest: { key: string; forms: AllForms } | null = null;
const known = new Map<string, LiveForms>();
const maxKnown = 2000;

function formsOfAll(live: readonly string[]): AllForms {
  const key = live.join('\0');
  if (latest?.key === key) return latest.forms;
  if (known.size > maxKnown) known.clear();
  const all = live.map((value) => {
    const forms = known.get(value) ?? liveForms(value);
    known.set(value, forms);
    return forms;
  });
  const forms = {
    needles: createNeedles(all.flatMap(({ folded }) => folded)),
    exact: all.flatMap(({ exact }) => exact),
  };
  latest = { key, forms };
  return forms;
}

/** Names that lead to no machine of anybody's: this one, or those kept for examples and tests (RFC 2606, RFC 6761). */
const nowhere =
  /^(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1\]|(?:.+\.)?(?:test|example|invalid|localhost|example\.(?:com|org|net)))$/i;
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
