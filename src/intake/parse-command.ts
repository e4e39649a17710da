/** What a comment asks of the bot. */
export interface Command {
  name: 'implement';
  /** What stands behind the command on its line and in the lines after it, '' where there is nothing. */
  words: string;
}

const names = ['implement'] as const;

/**
 * Finds a command in a comment: alone at the start of a line, not in a quote, a code block or a hidden HTML comment.
 * The first one counts.
 */
export function parseCommand(comment: string): Command | null {
  const lines = visibleLines(comment);
  for (const [index, line] of lines.entries()) {
    const match = line === null ? null : /^\/([a-z]+)(?:[ \t]+(.*))?$/.exec(line.trimEnd());
    const name = names.find((known) => known === match?.[1]);
    if (!match || !name) continue;
    const following = lines.slice(index + 1).map((next) => next ?? '');
    return { name, words: [match[2] ?? '', ...following].join('\n').trim() };
  }
  return null;
}

/** The lines that a command may stand on; null in the place of those that it may not. */
function visibleLines(comment: string): (string | null)[] {
  // An unclosed HTML comment hides the rest of the text on GitHub.
  const shown = comment
    .replace(/\r\n?/g, '\n')
    .replace(/<!--[\s\S]*?(?:-->|$)/g, (hidden) => hidden.replace(/[^\n]+/g, '\u0000'));
  let fence: string | null = null;
  return shown.split('\n').map((line) => {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== null) {
      if (mark?.startsWith(fence) && line.trim() === mark) fence = null;
      return null;
    }
    if (mark) {
      fence = mark;
      return null;
    }
    return /^\s*>|^ {4}|^\t|\u0000/.test(line) ? null : line;
  });
}
