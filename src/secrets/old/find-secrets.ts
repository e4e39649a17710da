import { findByRules } from './find-by-rules.js';
import { findKind, locateKinds } from './find-kinds.js';
import { createLiveSearch, locateLive, ours } from './find-live.js';
import { shortestNeedle } from './find-needles.js';
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
export type SecretSearch = (text: string, live: readonly string[]) => Promise<SecretPlace[]>;

/**
 * Finds credentials of the known kinds, and the exact live values of this process: as they are, in pieces, and in the
 * encodings that somebody would hide them with.
 * @param live values that must not leave, whatever they look like
 */
export async function findSecrets(text: string, live: readonly string[]): Promise<SecretPlace[]> {
  const places = await locateAll(text, live);
  const placed = new Set(places.map(({ what }) => what));
  const hidden = [...findHidden(text, placed.has(ours) ? [] : live)].filter((what) => !placed.has(what));
  return [
    ...merge(places),
    ...hidden.map((what) => ({
      start: 0,
      end: text.length,
      what: what === tooMuch ? what : `${what} in another form`,
      unplaced: true as const,
    })),
  ];
}

/** The text with every credential replaced: alone where its place is known, else with its paragraph, or all of it. */
export async function redactSecrets(text: string, live: readonly string[]): Promise<string> {
  let result = '';
  let from = 0;
  for (const { start, end } of merge(await locateAll(text, live))) {
    result += `${text.slice(from, start)}${withheld}`;
    from = end;
  }
  result += text.slice(from);
  if (!hidesSecret(result, live)) return result;
  const paragraphs = result.split(/(\n[ \t]*\n)/);
  result = paragraphs.map((paragraph) => (hidesSecret(paragraph, live) ? withheld : paragraph)).join('');
  return hidesSecret(result, live) ? withheld : result;
}

const withheld = '[withheld]';
export const tooMuch = 'more than can be looked through for credentials';

/** Whether a credential can be read out of a text or a file's bytes, however it is encoded there. */
export function hidesSecret(text: string | Buffer, live: readonly string[]): boolean {
  return !findHidden(text, live).next().done;
}

/** What can be read out of a text, each once. */
function* findHidden(text: string | Buffer, live: readonly string[]): Generator<string> {
  if (text.length < shortestNeedle) return;
  const isLive = createLiveSearch(live);
  const found = new Set<string>();
  const readings = unfoldText(text);
  for (let next = readings.next(); ; next = readings.next()) {
    if (next.done) {
      // Not for anybody's eyes either.
      if (!next.value) yield tooMuch;
      return;
    }
    const { value: reading } = next;
    const whats = [
      found.has(ours) || !isLive(reading) ? null : ours,
      reading.isNoise ? null : findKind(reading),
    ];
    for (const what of whats)
      if (what !== null && !found.has(what)) {
        found.add(what);
        yield what;
      }
  }
}

async function locateAll(text: string, live: readonly string[]): Promise<SecretPlace[]> {
  return [...locateLive(text, live), ...locateKinds(text), ...(await findByRules(text))];
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
