import { stripEscapes } from './strip-escapes.js';

/** The time that GitHub Actions puts before each line. */
const stamp = /^\uFEFF?\d{4}-\d{2}-\d{2}T[\d:.]+Z ?/;
const errorMark = '##[error]';

/**
 * A job's log without what says nothing of its failure: times, colours, what a progress bar wrote over, and the steps that
 * tidy up after the last error.
 */
export function cleanLog(raw: string): string {
  const lines = raw.split('\n').map((line) => {
    // What a progress bar wrote over stands before the last return; one at the very end only ends the line.
    const shown = stripEscapes(line.replace(stamp, ''));
    let end = shown.length;
    while (shown[end - 1] === '\r') end -= 1;
    return shown.slice(shown.lastIndexOf('\r', end - 1) + 1, end);
  });
  const last = lines.findLastIndex((line) => line.startsWith(errorMark));
  return (last < 0 ? lines : lines.slice(0, last + 1)).join('\n').trim();
}

/** The end of a text, from the beginning of a line where one is near, with a word where something is left out. */
export function endOf(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const note = '[the beginning is left out]\n';
  const end = text.slice(note.length - maxLength);
  const firstBreak = end.indexOf('\n');
  // A line that fills all of the room is cut instead.
  const whole = firstBreak >= 0 && firstBreak < end.length / 2 ? end.slice(firstBreak + 1) : end;
  return `${note}${whole.toWellFormed()}`;
}
