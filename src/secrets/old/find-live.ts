import { createNeedles, findNeedles, fold, type Needles, shortestNeedle } from './find-needles.js';
import type { SecretPlace } from './find-secrets.js';
import { type LiveForms, liveForms } from './live-forms.js';

export const ours = 'a credential of this installation';

/** Live values in a text, plain or in one layer of encoding, where they are. */
export function locateLive(text: string, live: readonly string[]): SecretPlace[] {
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

/** So much of a value, piece by piece, is as good as all of it. */
const mostOfIt = 0.9;

/**
 * Looks for live values in the readings of one text: whole in any of them, or in pieces that are anywhere in those which
 * are text, in any order.
 * @returns whether this reading completes one
 */
export function createLiveSearch(
  live: readonly string[],
): (reading: { bytes: Buffer; isNoise: boolean }) => boolean {
  const { needles, exact, pieces, pieceNeedles } = formsOfAll(live);
  const seen = new Map<string, { at: Set<number>; left: number }>();
  const completes = (piece: string) =>
    (pieces.get(piece) ?? []).some(({ value, at }) => {
      const known = seen.get(value) ?? { at: new Set(), left: value.length * mostOfIt };
      seen.set(value, known);
      for (let next = at; next < at + piece.length; next++) known.at.add(next);
      return known.at.size >= known.left;
    });
  return ({ bytes, isNoise }) => {
    const folded = fold(bytes);
    if (!findNeedles(needles, folded).next().done) return true;
    if (exact.some((one) => bytes.includes(one))) return true;
    if (isNoise) return false;
    for (const [from, end] of findNeedles(pieceNeedles, folded))
      if (completes(String.fromCharCode(...folded.bytes.subarray(from, end)))) return true;
    return false;
  };
}

interface AllForms {
  needles: Needles;
  exact: Buffer[];
  /** What stands where in which value. */
  pieces: ReadonlyMap<string, { value: string; at: number }[]>;
  pieceNeedles: Needles;
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
  const pieces = new Map<string, { value: string; at: number }[]>();
  for (const { plain: value } of all)
    for (let at = 0; at + shortestNeedle <= value.length; at++) {
      const piece = value.slice(at, at + shortestNeedle);
      pieces.set(piece, [...(pieces.get(piece) ?? []), { value, at }]);
    }
  const forms = {
    needles: createNeedles(all.flatMap(({ folded }) => folded)),
    exact: all.flatMap(({ exact }) => exact),
    pieces,
    pieceNeedles: createNeedles(pieces.keys()),
  };
  latest = { key, forms };
  return forms;
}
