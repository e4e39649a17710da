import { isPraise } from '../task/is-praise.js';
import { readablePart } from '../text/sanitize.js';
import { commands, findCommand } from '../workflows/obey-command/commands.js';
import { findPlainText } from './find-plain-text.js';

/** A command to the bot that was found in a comment. */
export interface Command {
  /** The name of a command in the table `commands`. */
  name: string;
  /**
   * The text after the command on its line. For `/implement`, this includes the lines below. '' if there is
   * none.
   */
  instructions: string;
  /** The agent that `/implement @agent` names; null if the command names none. */
  agent: string | null;
  /** Whether the option `--anyway` was given to `/implement`. */
  anyway: boolean;
  /** Whether the option `--plan` was given to `/implement`. */
  plan: boolean;
  /**
   * The word after the option `--effort` of `/implement`, in lower case. '' if there is no word. Null if the
   * option was not given.
   */
  effort: string | null;
}

/** The maximum number of possible commands that are checked in a comment, including those in quotes. */
const maxCandidates = 50;

/** What can come before a command: spaces, and characters that editors and phones add and nobody sees. */
const indent = '[ \\u00A0\\p{Cf}]{0,20}';
const slashCommand = new RegExp(`^(${indent})/([a-z]+(?:-[a-z]+)*)[.,:!]?(?=\\s|$)`, 'gimu');
/** A mention of anybody at the start of a line, and what follows on the line. */
const mention = new RegExp(`^(${indent})@([a-z0-9-]+)(?:\\[bot\\])?[,:]?(?=\\s|$)[ \\t]*(.*)`, 'gimu');

/** A place in a text that looks like a command. */
interface Candidate {
  name: string;
  start: number;
  /** Where the command's arguments begin. */
  end: number;
}

/**
 * Finds the first command in a comment. A command must start a line of visible text, outside of quotes, code
 * and struck-through text. For a misspelled command (`/implment`), returns the command `help`. Ignores any
 * other word after a slash, because it may be for another bot.
 * @param botName the name by which people mention the bot; null if it is not known. A mention at the start of
 * a line counts as a command: `@pullwright stop`, or as instructions: `@pullwright say hello`.
 */
export function parseCommand(comment: string, botName: string | null = null): Command | null {
  const text = readablePart(comment.replace(/\r\n?/g, '\n'));
  const found = [...findSlashCommands(text), ...findMentions(text, botName)].sort(
    (one, other) => one.start - other.start,
  );
  // Most comments contain no command, so the comment is parsed as Markdown only if it may contain one.
  const plain = found.length > 0 ? findPlainText(text) : null;
  const command = found.slice(0, maxCandidates).find(({ start }) => plain?.isPlain(start));
  return plain && command ? readCommand(command.name, plain.withoutQuotes(command.end)) : null;
}

function findSlashCommands(text: string): Candidate[] {
  return [...text.matchAll(slashCommand)].flatMap(({ 0: whole, 1: before = '', 2: written = '', index }) => {
    const name = findName(written.toLowerCase());
    return name ? [{ name, start: index + before.length, end: index + whole.length }] : [];
  });
}

function findMentions(text: string, botName: string | null): Candidate[] {
  return [...text.matchAll(mention)].flatMap(
    ({ 0: whole, 1: before = '', 2: login = '', 3: rest = '', index }) => {
      if (login.toLowerCase() !== botName?.toLowerCase()) return [];
      const start = index + before.length;
      const end = index + whole.length - rest.length;
      const words = text.slice(end).trim();
      if (words === '') return [{ name: 'help', start, end }];
      // Thanks ask for nothing.
      if (isPraise(words)) return [];
      const { 0: word = '', 1: written = '' } = /^\/?([a-z-]+)[.,:!]?(?=\s|$)/i.exec(rest) ?? [];
      const name = findCommandName(written.toLowerCase());
      const isCommand = name !== null && findCommand(name).accepts(rest.slice(word.length).trim());
      if (isCommand) return [{ name, start, end: end + word.length }];
      // "stop, please" must not start work, and "stop the log from growing" asks for it.
      const core =
        rest
          .toLowerCase()
          .match(/[a-z]+/g)
          ?.filter((one) => !politeness.has(one)) ?? [];
      const [verb = ''] = core;
      if (core.length <= 2 && isEnding.test(verb))
        return [{ name: verb === 'stop' ? verb : 'help', start, end: end + rest.length }];
      return [{ name: 'implement', start, end }];
    },
  );
}

/** Words around a command that do not change it. */
const politeness = new Set([
  'please',
  'pls',
  'now',
  'it',
  'this',
  'that',
  'thanks',
  'thank',
  'you',
  'just',
  'immediately',
]);
const isEnding = /^(?:stop|cancel|abort|halt|quit)$/;

function findCommandName(word: string): string | null {
  return commands.find(({ name }) => name === word)?.name ?? null;
}

function readCommand(name: string, text: string): Command {
  // Only the rest of the command's own line must be valid. The lines below can contain explanations, or a
  // quote that a mail client added.
  const line = (text.split('\n')[0] ?? '').trim();
  if (!findCommand(name).accepts(line)) return help;
  if (name !== 'implement') return { ...noOptions, name, instructions: line };
  const command = { ...noOptions, name, instructions: text.trim() };
  for (
    let found: RegExpExecArray | null;
    ;
    command.instructions = command.instructions.slice(found[0].length).trimStart()
  ) {
    found = option.exec(command.instructions);
    if (!found) return command;
    const { agent, anyway, plan, effort } = found.groups ?? {};
    if (agent) command.agent = agent.toLowerCase();
    else if (anyway) command.anyway = true;
    else if (plan) command.plan = true;
    else command.effort = (effort ?? '').toLowerCase();
  }
}

/** An option of `/implement`. Phones replace two hyphens with a dash, so a dash works too. */
const option =
  /^(?:@(?<agent>[a-z0-9][a-z0-9-]{0,63})[,:]?|(?:--|[–—])(?:(?<anyway>anyway)|(?<plan>plan)|effort(?:(?:=|[ \t]+)(?<effort>[^\s,:]*)[,:]?)?))(?=\s|$)/i;

const noOptions = {
  agent: null as string | null,
  anyway: false,
  plan: false,
  effort: null as string | null,
};
const help: Command = { ...noOptions, name: 'help', instructions: '' };

/**
 * Returns the command's name, or `help` for a word that is one typo away from a command. A word of at most
 * three letters never counts as a typo.
 * @returns null for any other word
 */
function findName(word: string): string | null {
  const known = findCommandName(word);
  if (known) return known;
  const isSlip = word.length > 3 && commands.some(({ name }) => name.length > 3 && isOneSlipAway(word, name));
  return isSlip ? 'help' : null;
}

/** Returns whether the words differ by one added, missing or different letter, or two swapped letters. */
function isOneSlipAway(word: string, name: string): boolean {
  const [short, long] = word.length < name.length ? [word, name] : [name, word];
  if (long.length - short.length > 1) return false;
  let same = 0;
  while (same < short.length && short[same] === long[same]) same += 1;
  if (long.length > short.length) return short.slice(same) === long.slice(same + 1);
  const swapped = short[same + 1] === long[same] && short[same] === long[same + 1] ? 2 : 1;
  return short.slice(same + swapped) === long.slice(same + swapped);
}
