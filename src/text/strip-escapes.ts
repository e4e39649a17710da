/** Of a terminal: colours, titles and what else begins with ESC. No part of it can be matched twice: programs choose what they print. */
const escapes =
  /(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]|\u001B\][^\u0007\u001B\n]*(?:\u0007|\u001B\\)|\u001B[ -/]*[0-~]?/g;

/** A program's output without what only a terminal understands; in a time that is linear in its length, unlike Node's own. */
export function stripEscapes(text: string): string {
  return text.replace(escapes, '');
}
