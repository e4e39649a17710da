import { findFormulas } from '../text/old/find-hidden-drawing.js';
import { findHiddenHtml, findQuotingElements } from '../text/old/find-hidden-html.js';
import { isWithin, type MarkdownNode, readablePart, readMarkdown } from '../text/old/read-markdown.js';
import { commands, findCommand } from '../workflows/obey-command/commands.js';

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
 * Finds the first command in a comment: at the start of a line, where GitHub shows it as text, so not in a quote, in
 * code, or in anything hidden or struck through. A misspelled command (`/implment`) asks for help; any other word after a
 * slash is for another bot.
 */
export function parseCommand(comment: string): Command | null {
  const text = readablePart(comment.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n'));
  const found = [...text.matchAll(/^( {0,3})\/([a-z]+(?:-[a-z]+)*)[.,:!]?(?=\s|$)/gim)].flatMap(
    ({ 0: whole, 1: indent = '', 2: written = '', index }) => {
      const name = findName(written.toLowerCase());
      return name ? [{ name, start: index + indent.length, end: index + whole.length }] : [];
    },
  );
  // Most comments hold no command and need not be parsed.
  const nodes = found.length > 0 ? readMarkdown(text) : null;
  if (!nodes) return null;
  const isText = findText(text, nodes);
  const command = found.slice(0, maxCandidates).find(({ start }) => isText(start));
  return command ? readCommand(command.name, withoutQuotes(text, command.end, nodes)) : null;
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

/** A command's name, also for a word that is one slip away from it: then `help`. Short words are never a slip. */
function findName(word: string): string | null {
  if (commands.some(({ name }) => name === word)) return word;
  const isSlip = word.length > 3 && commands.some(({ name }) => name.length > 3 && isOneSlipAway(word, name));
  return isSlip ? 'help' : null;
}

/** One letter more, less, different or swapped. */
function isOneSlipAway(word: string, name: string): boolean {
  const [short, long] = word.length < name.length ? [word, name] : [name, word];
  if (long.length - short.length > 1) return false;
  let same = 0;
  while (same < short.length && short[same] === long[same]) same += 1;
  if (long.length > short.length) return short.slice(same) === long.slice(same + 1);
  const swapped = short[same + 1] === long[same] && short[same] === long[same + 1] ? 2 : 1;
  return short.slice(same + swapped) === long.slice(same + swapped);
}

/** A line that goes on from a quote or a list without its mark is mostly meant to stand by itself. */
const plain = new Set(
  'data paragraph content setextHeadingText setextHeading blockQuote listOrdered listUnordered'.split(' '),
);
const code = new Set(['codeText', 'codeFenced', 'codeIndented']);

/** @returns whether GitHub shows what stands at this place as text that its author says */
function findText(text: string, nodes: readonly MarkdownNode[]): (place: number) => boolean {
  const others = [
    ...findHiddenHtml(text, nodes, new Set()),
    ...findQuotingElements(text, nodes),
    ...findFormulas(text),
  ];
  const isIn = (place: number, { start, end }: { start: number; end: number }) =>
    start <= place && place < end;
  return (place) => {
    const node = nodes.find((one) => one.type === 'data' && isIn(place, one));
    for (let one: MarkdownNode | null = node ?? null; one; one = one.parent)
      if (!plain.has(one.type)) return false;
    return !!node && !others.some((other) => isIn(place, other)) && !isInOpenComment(text, nodes, place);
  };
}

/** To GitHub it may be no comment, for it is not closed; who wrote it thinks that it is one. */
function isInOpenComment(text: string, nodes: readonly MarkdownNode[], place: number): boolean {
  const opens = text.lastIndexOf('<!--', place);
  if (opens < 0 || text.slice(opens, place).includes('-->')) return false;
  return !nodes.some((node) => node.start <= opens && opens < node.end && isWithin(node, code));
}

/** What others said is no word of whoever quotes it. */
function withoutQuotes(text: string, from: number, nodes: readonly MarkdownNode[]): string {
  let words = '';
  let at = from;
  for (const { type, start, end } of nodes) {
    if (type !== 'blockQuote' || start < at) continue;
    words += text.slice(at, start);
    at = end;
  }
  return words + text.slice(at);
}
