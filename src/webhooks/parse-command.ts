import { readablePart } from '../text/sanitize.js';
import { commands, findCommand } from '../workflows/obey-command/commands.js';
import { findPlainText } from './find-plain-text.js';

/** What a comment asks of the bot. */
export interface Command {
  /** One of `commands`. */
  name: string;
  /** What follows the command on its line; for `/implement` also the lines below. '' if there is nothing. */
  instructions: string;
  /** `/implement @agent`; null: none was named. */
  agent: string | null;
  /** `/implement --anyway`. */
  anyway: boolean;
}

/** A comment that quotes more commands than this before its own is not read further. */
const maxCandidates = 50;

/**
 * Finds the first command in a comment: at the start of a line, where GitHub shows it as text, so not in a
 * quote, in code, or in anything hidden or struck through. A misspelled command (`/implment`) asks for help;
 * any other word after a slash is for another bot.
 */
export function parseCommand(comment: string): Command | null {
  const text = readablePart(comment.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n'));
  const found = [...text.matchAll(/^( {0,3})\/([a-z]+(?:-[a-z]+)*)[.,:!]?(?=\s|$)/gim)].flatMap(
    ({ 0: whole, 1: indent = '', 2: written = '', index }) => {
      const name = findName(written.toLowerCase());
      return name ? [{ name, start: index + indent.length, end: index + whole.length }] : [];
    },
  );
  // Most comments contain no command and need not be parsed.
  const plain = found.length > 0 ? findPlainText(text) : null;
  const command = found.slice(0, maxCandidates).find(({ start }) => plain?.isPlain(start));
  return plain && command ? readCommand(command.name, plain.withoutQuotes(command.end)) : null;
}

function readCommand(name: string, text: string): Command {
  // Only the command's own line counts: below it, people explain themselves, or a mail client quotes.
  const line = (text.split('\n')[0] ?? '').trim();
  if (!findCommand(name).accepts(line)) return help;
  if (name !== 'implement') return { name, instructions: line, agent: null, anyway: false };
  let instructions = text.trim();
  let agent: string | null = null;
  let anyway = false;
  for (
    let option: RegExpExecArray | null;
    ;
    instructions = instructions.slice(option[0].length).trimStart()
  ) {
    // Phones turn two hyphens into a dash.
    option = /^(?:@([a-z0-9][a-z0-9-]{0,63})[,:]?|(?:--|[–—])anyway)(?=\s|$)/i.exec(instructions);
    if (!option) break;
    if (option[1]) agent = option[1].toLowerCase();
    else anyway = true;
  }
  return { name, instructions, agent, anyway };
}

const help: Command = { name: 'help', instructions: '', agent: null, anyway: false };

/**
 * Returns the command's name, or `help` for a word that is one typo away from a command. A short word is
 * never treated as a typo.
 */
function findName(word: string): string | null {
  if (commands.some(({ name }) => name === word)) return word;
  const isSlip = word.length > 3 && commands.some(({ name }) => name.length > 3 && isOneSlipAway(word, name));
  return isSlip ? 'help' : null;
}

/** One letter is added, missing, different or swapped. */
function isOneSlipAway(word: string, name: string): boolean {
  const [short, long] = word.length < name.length ? [word, name] : [name, word];
  if (long.length - short.length > 1) return false;
  let same = 0;
  while (same < short.length && short[same] === long[same]) same += 1;
  if (long.length > short.length) return short.slice(same) === long.slice(same + 1);
  const swapped = short[same + 1] === long[same] && short[same] === long[same + 1] ? 2 : 1;
  return short.slice(same + swapped) === long.slice(same + swapped);
}
