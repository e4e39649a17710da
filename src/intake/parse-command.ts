/** What a comment asks of the bot. */
export interface Command {
  /** `help`: a command that there is not, or that cannot be read. */
  name: 'implement' | 'stop' | 'status' | 'retry' | 'help';
  /** What stands behind the command on its line and in the lines after it, '' where there is nothing. */
  words: string;
  /** `/implement @agent`; null: none was named. */
  agent: string | null;
  /** `/implement --anyway`. */
  anyway: boolean;
}

const names = ['implement', 'stop', 'status', 'retry'] as const;

/**
 * Finds a command in a comment: alone at the start of a line, not in a quote, a code block or a hidden HTML comment.
 * The first one counts. What only looks like one of ours (`/implment`) asks for help; everything else is for other bots.
 */
export function parseCommand(comment: string): Command | null {
  const lines = visibleLines(comment);
  for (const [index, line] of lines.entries()) {
    const match = line === null ? null : /^\/([a-z]+)(?:[ \t]+(.*))?$/.exec(line.trimEnd());
    if (!match?.[1]) continue;
    const name = names.find((known) => known === match[1]) ?? (isAlmostOurs(match[1]) ? 'help' : null);
    if (!name) continue;
    const following = lines.slice(index + 1).map((next) => next ?? '');
    return readWords(name, [match[2] ?? '', ...following].join('\n').trim());
  }
  return null;
}

function readWords(name: Command['name'], text: string): Command {
  if (name === 'stop' && !/^(?:|keep)$/i.test(firstLine(text))) return help;
  if (name === 'retry' && !/^(?:|from scratch)$/i.test(firstLine(text))) return help;
  if (name !== 'implement') return { name, words: text, agent: null, anyway: false };
  let words = text;
  let agent: string | null = null;
  let anyway = false;
  for (let option: RegExpExecArray | null; ; words = words.slice(option[0].length).trimStart()) {
    option = /^(?:@([a-z0-9][a-z0-9-]{0,63})|--anyway)(?=\s|$)/.exec(words);
    if (!option) break;
    if (option[1]) agent = option[1];
    else anyway = true;
  }
  return { name, words, agent, anyway };
}

const help: Command = { name: 'help', words: '', agent: null, anyway: false };

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').trim();
}

/** One letter more, less, other or in the other's place; only for words so long that nobody means another one. */
function isAlmostOurs(word: string): boolean {
  return names.some((name) => word.length > 3 && isOneSlipAway(word, name));
}

function isOneSlipAway(word: string, name: string): boolean {
  const [short, long] = word.length < name.length ? [word, name] : [name, word];
  if (long.length - short.length > 1) return false;
  let same = 0;
  while (same < short.length && short[same] === long[same]) same += 1;
  if (long.length > short.length) return short.slice(same) === long.slice(same + 1);
  const swapped = short[same + 1] === long[same] && short[same] === long[same + 1] ? 2 : 1;
  return short.slice(same + swapped) === long.slice(same + swapped);
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
