import { decodeString } from 'micromark-util-decode-string';
import { findVisible, places } from './find-visible.js';
import { hiddenMark, markHidden, removeInvisible } from './mark-hidden.js';
import { type PlacedNode, parseMarkdown, readablePart } from './parse-markdown.js';

export { findVisible, type PlacedNode, parseMarkdown, places, readablePart, removeInvisible };

/** A text with marks in place of its hidden parts. `hidden` contains human-readable descriptions of these. */
export type SanitizedText = { text: string; hidden: string[] };

const longLine = /^(.{5000}).{12,}$/gm;
/** Formulas and diagrams. GitHub renders them, so people do not see the source. */
const formula =
  /(?:\[source of a formula\] )?(\$\$(?:[^$\n]|\n(?!\s*\n)|\$(?!\$))+\$\$|(?<![\w$\\])\$(?![\s$])(?:[^$\n]*[^\s$\\])?\$(?![\w$]))/g;
const diagram = /^([ \t>*+.)\d-]*[`~]{3,}[ \t]*(?:mermaid|math|geojson|topojson|stl)\b)(?! \[source)/gim;

/**
 * Puts marks in place of the parts of a text that GitHub does not show. The function is idempotent.
 * @param maxLength the limit for the result, in characters; a note replaces the part that is cut off
 */
export function sanitizeText(raw: string, maxLength: number): SanitizedText {
  const whole = raw.replace(/^\uFEFF|\r(?=\n)/g, '').replaceAll('\r', '\n');
  const note = `\n\n[cut here: the text has ${raw.length} characters]`;
  let text = readablePart(whole.slice(0, maxLength * 4)).toWellFormed();
  let isCut = text.length < whole.length;
  // Removing a hidden part joins the text around it. New hidden parts can result, so the loop repeats.
  for (let pass = 0; pass < 6; pass++) {
    let shown = removeHidden(text);
    if (shown === null) break;
    isCut ||= shown.length > maxLength;
    if (isCut && !shown.endsWith(note)) shown = shown.slice(0, maxLength - note.length).toWellFormed() + note;
    if (shown === text) return { text, hidden: describe(text, isCut) };
    text = shown;
  }
  const hidden = 'a text that takes too long to parse';
  return { text: `[withheld: ${hidden}]`, hidden: [hidden] };
}

/** Removes the invisible characters of a title. GitHub shows everything else in a title unchanged. */
export function sanitizeTitle(raw: string, maxLength: number): SanitizedText {
  const text = removeInvisible(raw.slice(0, maxLength * 4).replace(/\s/g, ' ')).trim();
  return { text: text.slice(0, maxLength).toWellFormed(), hidden: describe(text, text.length > maxLength) };
}

function describe(text: string, isCut: boolean): string[] {
  const size = (text.match(hiddenMark) ?? []).reduce((sum, mark) => sum + Number(/\d+/.exec(mark)), 0);
  const hidden = size > 0 ? [`${size} character${size === 1 ? '' : 's'} that GitHub does not show`] : [];
  return isCut ? [...hidden, 'the end of a long text'] : hidden;
}

/** @returns null if parsing would take too long */
function removeHidden(text: string): string | null {
  // GitHub treats vertical tabs and form feeds in an HTML tag as spaces.
  const source = text.replace(/<[^<>]*>/g, (tag) => tag.replace(/[\v\f]/g, ' '));
  const nodes = parseMarkdown(source);
  if (!nodes) return null;
  const found = findVisible(source, nodes);
  let shown = '';
  for (let start = 0, end = 0; start < source.length; start = end) {
    while (end < source.length && found[end] === found[start]) end += 1;
    const [place, part] = [found[start], source.slice(start, end)];
    if (place === places.code) shown += part;
    else shown += place === places.text ? showText(part) : hideWords(part, place === places.hidden);
  }
  shown = removeInvisible(shown).replace(diagram, '$1 [source of a diagram]');
  return shown.replace(longLine, '$1 [line cut]').trimEnd();
}

/** Puts a mark before each formula. Decodes HTML entities, but not if they stand for syntax characters. */
function showText(text: string): string {
  return text.replace(formula, '[source of a formula] $1').replace(/&#?\w{1,31};/g, (entity) => {
    const character = decodeString(entity);
    return /[\t\n!-/:-@[-`{-~]/.test(character) ? entity : character;
  });
}

/** Hides the words between Markdown syntax characters. If `hidesAll` is true, hides the whole part. */
function hideWords(part: string, hidesAll: boolean): string {
  const words = hidesAll ? /^.*[\p{L}\p{N}].*$/su : /["']?[\p{L}\p{N}](?:.*[\p{L}\p{N}])?["']?/su;
  const pieces = part.split(hiddenMark);
  return pieces.map((piece, index) => (index % 2 ? piece : piece.replace(words, markHidden))).join('');
}
