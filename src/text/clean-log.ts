import { stripEscapes } from './strip-escapes.js';

/** Matches the timestamp that GitHub Actions puts at the start of each line. */
const stamp = /^\uFEFF?\d{4}-\d{2}-\d{2}T[\d:.]+Z ?/;
const errorMark = '##[error]';

/**
 * Removes the parts of a job's log that do not explain its failure. These are timestamps, colors, text that
 * a progress bar overwrote, and the cleanup steps after the last error.
 */
export function cleanLog(raw: string): string {
  const lines = raw.split('\n').map((line) => {
    // A progress bar uses carriage returns to overwrite its line, so only the text after the last one is
    // visible. Carriage returns at the end of a line overwrite nothing.
    const shown = stripEscapes(line.replace(stamp, ''));
    let end = shown.length;
    while (shown[end - 1] === '\r') end -= 1;
    return shown.slice(shown.lastIndexOf('\r', end - 1) + 1, end);
  });
  const last = lines.findLastIndex((line) => line.startsWith(errorMark));
  return (last < 0 ? lines : lines.slice(0, last + 1)).join('\n').trim();
}

/**
 * Returns the end of a text. If the text is longer than `maxLength`, a note says that the beginning is left
 * out. The text after the note starts with a whole line if possible.
 */
export function endOf(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const note = '[the beginning is left out]\n';
  const end = text.slice(note.length - maxLength);
  const firstBreak = end.indexOf('\n');
  // An incomplete first line is left out, unless it fills at least half of the space.
  const whole = firstBreak >= 0 && firstBreak < end.length / 2 ? end.slice(firstBreak + 1) : end;
  return `${note}${whole.toWellFormed()}`;
}
