/**
 * Colors, titles and other terminal sequences. Programs choose what they print, so no two parts of the
 * pattern may match the same text. That keeps the match linear.
 */
const escapes =
  /(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]|\u001B\][^\u0007\u001B\n]*(?:\u0007|\u001B\\)|\u001B[ -/]*[0-~]?/g;

/**
 * Removes terminal sequences from a program's output, in linear time, unlike Node's
 * `stripVTControlCharacters`.
 */
export function stripEscapes(text: string): string {
  return text.replace(escapes, '');
}
