/** Formats a text as an indented code block. No line of the text can end the block. */
export function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
