/**
 * Matches colors, titles and other terminal sequences. No two parts of the pattern match the same text, so
 * matching takes linear time. Otherwise, a program could print text that takes very long to match.
 */
const escapes =
  /(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]|\u001B\][^\u0007\u001B\n]*(?:\u0007|\u001B\\)|\u001B[ -/]*[0-~]?/g;

/**
 * Removes terminal sequences from a program's output in linear time. Node's `stripVTControlCharacters` does
 * not run in linear time.
 */
export function stripEscapes(text: string): string {
  return text.replace(escapes, '');
}
