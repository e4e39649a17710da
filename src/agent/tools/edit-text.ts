/*
 * Pure functions that change a text the way the model sees it: without a byte order mark, and with "\n" at
 * the end of each line. Everything that is not changed keeps its bytes.
 */

export type Edit = { text: string } | { fault: string };

/** Returns a file's text in the form that the model sees. */
export function readable(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}

/**
 * Replaces the only occurrence of `from` with `to`. New lines get the line ends of the replaced lines.
 * @param path names the file in faults
 */
export function replaceText(text: string, from: string, to: string, path: string): Edit {
  const shown = readable(text);
  const wanted = readable(from);
  const at = shown.indexOf(wanted);
  if (at < 0) return { fault: `old_str was not found in ${path}. ${describeNearest(shown, wanted)}` };
  const next = shown.indexOf(wanted, at + 1);
  if (next >= 0) {
    const lines = `${lineOf(shown, at)} and ${lineOf(shown, next)}`;
    return { fault: `old_str is not unique in ${path} (lines ${lines}): add surrounding lines to it` };
  }
  const start = offsetIn(text, at);
  const end = offsetIn(text, at + wanted.length);
  const lineEnd = lineEndOf(text.slice(start, end)) ?? lineEndOf(text) ?? '\n';
  return { text: text.slice(0, start) + withLineEnds(to, lineEnd) + text.slice(end) };
}

/** Inserts whole lines after the line with the number `line`; 0 inserts them at the beginning. */
export function insertLines(text: string, line: number, added: string): Edit {
  const shown = readable(text);
  const lines = countLines(shown);
  if (line < 0 || line > lines) return { fault: `insert_line: expected 0 to ${lines}; found ${line}` };
  const lineEnd = lineEndOf(text) ?? '\n';
  const block = withLineEnds(added.replace(/\r?\n$/, ''), lineEnd);
  const isAtOpenEnd = line === lines && shown !== '' && !shown.endsWith('\n');
  if (isAtOpenEnd) return { text: text + lineEnd + block };
  const at = offsetIn(text, startOfLine(shown, line));
  return { text: `${text.slice(0, at)}${block}${lineEnd}${text.slice(at)}` };
}

/** Gives a new text the byte order mark and the line ends of the text that it replaces. */
export function likeBefore(before: string, text: string): string {
  const mark = before.startsWith('\uFEFF') ? '\uFEFF' : '';
  return mark + withLineEnds(readable(text), lineEndOf(before) ?? '\n');
}

/** Returns the more frequent line end of a text; null if it has none. */
function lineEndOf(text: string): '\r\n' | '\n' | null {
  const all = text.split('\n').length - 1;
  const windows = text.split('\r\n').length - 1;
  if (all === 0) return null;
  return windows * 2 > all ? '\r\n' : '\n';
}

function withLineEnds(text: string, lineEnd: string): string {
  return text.replace(/\r?\n/g, lineEnd);
}

/** Converts an offset in `readable(text)` to the offset in `text`. */
function offsetIn(text: string, offset: number): number {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  for (let left = offset; left > 0; left--) at += text.startsWith('\r\n', at) ? 2 : 1;
  return at;
}

function countLines(text: string): number {
  return text === '' ? 0 : text.replace(/\n$/, '').split('\n').length;
}

function startOfLine(text: string, line: number): number {
  let at = 0;
  for (let left = line; left > 0; left--) at = text.indexOf('\n', at) + 1;
  return at;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** These limits keep the search for the nearest lines short, because it blocks all other runs. */
const maxNearest = 12;
const maxSearched = 10_000;
const maxCompared = 200;

/** Shows the lines of the file that are most like the ones that the model looked for. */
function describeNearest(text: string, wanted: string): string {
  const rule = 'It must match the file exactly, including white space.';
  const words = (line: string) => new Set(line.slice(0, maxCompared).match(/\w+|[^\s\w]+/g) ?? []);
  const looked = wanted.split('\n', maxNearest).map(words);
  const lines = text.split('\n', maxSearched);
  const seen = lines.map(words);
  let best = { at: 0, score: 0 };
  for (let at = 0; at < lines.length; at++) {
    const scores = looked.map((line, index) => likeness(line, seen[at + index] ?? new Set()));
    const score = scores.reduce((sum, one) => sum + one, 0) / looked.length;
    if (score > best.score) best = { at, score };
  }
  if (best.score < 0.5) return rule;
  const shown = lines
    .slice(best.at, best.at + looked.length)
    .map((line) => line.slice(0, maxCompared).toWellFormed());
  return `${rule} The nearest lines are:\n${numberLines(shown, best.at + 1)}`;
}

/** Returns the share of words that two lines have in common, from 0 to 1. */
function likeness(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  if (one.size === 0 && other.size === 0) return 1;
  const common = [...one].filter((word) => other.has(word)).length;
  return (2 * common) / (one.size + other.size);
}

/** @param first the number of the first line */
export function numberLines(lines: readonly string[], first: number): string {
  return lines.map((line, index) => `${first + index}\t${line}`).join('\n');
}
