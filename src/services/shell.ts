/** Quotes a text as one word of bash. */
export function quote(text: string): string {
  return /^[\w./:=,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Quotes texts as words of bash, with spaces between them. */
export function quoteAll(texts: readonly string[]): string {
  return texts.map(quote).join(' ');
}

/** Returns the text for one line of a message: without line breaks, and at most `max` characters. */
export function oneLine(text: string, max = 60): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > max ? `${line.slice(0, max - 1)}…` : line;
}
