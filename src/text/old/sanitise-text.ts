import type { Cut } from './cut.js';
import { decodeEntities } from './decode-entities.js';
import { findHiddenInFormulas } from './find-hidden-drawing.js';
import { findHiddenHtml } from './find-hidden-html.js';
import { findHiddenMarkdown } from './find-hidden-markdown.js';
import { findShownCode, type ShownCode } from './find-shown-code.js';
import { removeInvisible } from './invisible-characters.js';
import { readablePart, readMarkdown } from './read-markdown.js';

/** People's text as an agent may see it: what nobody can see on GitHub is taken out, and said. */
export interface SanitisedText {
  text: string;
  /** What was taken out, in words, each kind once. */
  hidden: string[];
}

const withheld = '[withheld: this text is built so that it cannot be read in a reasonable time]';
/** After the first one nothing hidden is left; the others are for what its cuts put together. */
const maxPasses = 6;
const maxLineCharacters = 5000;
const lineCut = ' [line cut]';

/**
 * Takes out what GitHub does not show of a text, entities decoded. In code, where people see every character, only
 * invisible ones go. Doing it twice changes nothing more.
 * @param maxLength in characters; what is cut is said in the text
 */
export function sanitiseText(raw: string, maxLength: number): SanitisedText {
  const hidden = new Set<string>();
  const whole = raw
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .toWellFormed();
  // A text is read as a whole, so that nothing hides at a cut; but nobody's time is spent on a megabyte of it.
  let text = readablePart(whole.slice(0, maxLength * 4));
  let isCut = text.length < whole.length;
  for (let pass = 0; pass < maxPasses; pass++) {
    const shown = takeOut(text, hidden);
    if (shown === null) break;
    const bounded = bound(shown, raw.length, maxLength, isCut);
    if (bounded.isCut) hidden.add('the end of a long text');
    if (bounded.text === text) return { text, hidden: [...hidden] };
    text = bounded.text;
    isCut = false;
  }
  return { text: withheld, hidden: ['a text that cannot be read in a reasonable time'] };
}

/**
 * A title, which GitHub shows as it stands: only what is invisible goes, and what is meant to be a comment.
 * @param maxLength in characters; nothing tells of what is cut
 */
export function sanitiseTitle(raw: string, maxLength: number): SanitisedText {
  const hidden = new Set<string>();
  let text = raw.slice(0, maxLength * 4).toWellFormed();
  for (let before = ''; before !== text; ) {
    before = text;
    text = applyCuts(text, findComments(text), hidden, (from, to) =>
      withoutInvisible(text.slice(from, to).replace(/\s/g, ' '), hidden),
    );
  }
  if (text.length > maxLength) hidden.add('the end of a long text');
  return { text: text.slice(0, maxLength).toWellFormed().trim(), hidden: [...hidden] };
}

/** @returns null when it cannot be read */
function takeOut(text: string, hidden: Set<string>): string | null {
  // GitHub takes these for spaces in tags, and not behind fences: what is hidden by one reading goes, and no code is sure.
  const spaced = text.replace(/[\v\f]/g, ' ');
  const readings = [...new Set([text, spaced])].map((one) => findHidden(one));
  const cuts = readings.flatMap((reading) => reading?.cuts ?? []);
  if (readings.includes(null)) return null;
  const shown = readings.length === 1 ? (readings[0]?.shown ?? []) : [];
  let next = 0;
  // Called from the text's beginning to its end, so no block of code is looked at twice.
  return applyCuts(text, cuts, hidden, (from, to) => {
    let result = '';
    let at = from;
    for (; next < shown.length; next++) {
      const { start, end } = shown[next] ?? { start: to, end: to };
      if (start >= to) break;
      if (start > at) result += showProse(text.slice(at, start), hidden);
      if (end > at) result += withoutInvisible(text.slice(Math.max(start, at), Math.min(end, to)), hidden);
      at = Math.max(at, Math.min(end, to));
      if (end > to) break;
    }
    return at < to ? result + showProse(text.slice(at, to), hidden) : result;
  });
}

function findHidden(text: string): { cuts: Cut[]; shown: ShownCode['shown'] } | null {
  const nodes = readMarkdown(text);
  if (!nodes) return null;
  const { shown, doubtfulBlocks, cuts } = findShownCode(text, nodes);
  const html = findHiddenHtml(text, nodes, doubtfulBlocks);
  return { shown, cuts: [...findHiddenMarkdown(text, nodes), ...html, ...cuts] };
}

/** Cuts may overlap; what they say instead is said once for those that do. */
function applyCuts(
  text: string,
  cuts: readonly Cut[],
  hidden: Set<string>,
  show: (from: number, to: number) => string,
): string {
  const inOrder = [...cuts].sort((a, b) => a.start - b.start || b.end - a.end);
  let result = '';
  let at = 0;
  for (const { start, end, kind, instead = '' } of inOrder) {
    if (text.slice(start, end) !== instead) hidden.add(kind);
    if (start >= at) result += show(at, start) + instead;
    at = Math.max(at, end);
  }
  return result + show(at, text.length);
}

/** A line that is meant as a comment, though within a paragraph it is shown. */
const referenceComment =
  /^[ \t>]{0,9}\[(?:[^\]\\\n]|\\.){0,999}\]:[ \t]{0,9}\n?[ \t]{0,9}(?:<>|#|\/\/)?[ \t]{0,9}(?:"[^"\n]*"|'[^'\n]*'|\([^)\n]*\))[ \t]*$/gm;

/** What is text and no code. What GitHub shows of comments here, for they are not written as it wants them, goes as well. */
function showProse(text: string, hidden: Set<string>): string {
  const cuts: Cut[] = [...findHiddenInFormulas(text), ...findComments(text)];
  for (const { 0: found, index } of text.matchAll(referenceComment))
    cuts.push({ start: index, end: index + found.length, kind: 'a reference-style comment' });
  return applyCuts(text, cuts, hidden, (from, to) =>
    withoutInvisible(decodeEntities(text.slice(from, to)), hidden),
  );
}

function findComments(text: string): Cut[] {
  const cuts: Cut[] = [];
  for (let at = text.indexOf('<!--'); at >= 0; ) {
    const closes = text.indexOf('-->', at);
    const end = closes < 0 ? text.length : closes + 3;
    cuts.push({ start: at, end, kind: 'an HTML comment' });
    at = text.indexOf('<!--', end);
  }
  return cuts;
}

function withoutInvisible(text: string, hidden: Set<string>): string {
  const shown = removeInvisible(text);
  if (shown !== text) hidden.add('invisible characters');
  return shown;
}

/** Of each line and of the text as a whole only so much is shown. */
function bound(
  text: string,
  lengthOfAll: number,
  maxLength: number,
  isCut: boolean,
): { text: string; isCut: boolean } {
  const lines = text
    .split('\n')
    .map((line) =>
      line.length > maxLineCharacters + lineCut.length
        ? line.slice(0, maxLineCharacters).toWellFormed() + lineCut
        : line,
    )
    .join('\n')
    .replace(/^(?:[^\S\n]*\n)+/, '')
    .trimEnd();
  if (!isCut && lines.length <= maxLength) return { text: lines, isCut: false };
  const note = `\n\n[cut here: the text has ${lengthOfAll} characters]`;
  return {
    text:
      lines
        .slice(0, maxLength - note.length)
        .toWellFormed()
        .trimEnd() + note,
    isCut: true,
  };
}
