/** The time that GitHub Actions puts before each line. */
const stamp = /^\uFEFF?\d{4}-\d{2}-\d{2}T[\d:.]+Z ?/;
const colours = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?)/g;
const errorMark = '##[error]';

/**
 * A job's log without what says nothing of its failure: times, colours, what a progress bar wrote over, and the steps that
 * tidy up after the last error.
 */
export function cleanLog(raw: string): string {
  const lines = raw.split('\n').map((line) => {
    const shown = line.replace(/\r+$/, '').replace(stamp, '').replace(colours, '');
    return shown.slice(shown.lastIndexOf('\r') + 1);
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
