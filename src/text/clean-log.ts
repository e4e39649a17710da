import { stripEscapes } from './strip-escapes.js';

/** GitHub Actions puts the time before each line. */
const stamp = /^\uFEFF?\d{4}-\d{2}-\d{2}T[\d:.]+Z ?/;
const errorMark = '##[error]';

/**
 * Returns a job's log without what does not explain its failure: times, colors, text that a progress bar
 * overwrote, and the cleanup steps after the last error.
 */
export function cleanLog(raw: string): string {
  const lines = raw.split('\n').map((line) => {
    // A progress bar overwrote what stands before the last return. Returns at the very end only end the line.
    const shown = stripEscapes(line.replace(stamp, ''));
    let end = shown.length;
    while (shown[end - 1] === '\r') end -= 1;
    return shown.slice(shown.lastIndexOf('\r', end - 1) + 1, end);
  });
  const last = lines.findLastIndex((line) => line.startsWith(errorMark));
  return (last < 0 ? lines : lines.slice(0, last + 1)).join('\n').trim();
}

/** Returns the end of a text, if possible from the start of a line, with a note if something is left out. */
export function endOf(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const note = '[the beginning is left out]\n';
  const end = text.slice(note.length - maxLength);
  const firstBreak = end.indexOf('\n');
  // A line that fills most of the space is cut instead.
  const whole = firstBreak >= 0 && firstBreak < end.length / 2 ? end.slice(firstBreak + 1) : end;
  return `${note}${whole.toWellFormed()}`;
}
