import { findFormulas } from '../text/old/find-hidden-drawing.js';
import { findHiddenHtml, findQuotingElements } from '../text/old/find-hidden-html.js';
import { isWithin, type MarkdownNode, readablePart, readMarkdown } from '../text/old/read-markdown.js';

/** What a comment asks of the bot. */
export interface Command {
  /** `help`: a command that there is not, or that cannot be read. */
  name: 'implement' | 'stop' | 'status' | 'retry' | 'help';
  /** What stands behind the command on its line and in the lines after it, '' where there is nothing. */
  instructions: string;
  /** `/implement @agent`; null: none was named. */
  agent: string | null;
  /** `/implement --anyway`. */
  anyway: boolean;
}

/** Nobody quotes more of them before saying one. */
const maxCandidates = 50;
const names = ['implement', 'stop', 'status', 'retry'] as const;

/**
 * Finds a command in a comment: at the start of a line, where GitHub shows it as text: not in a quote, in code, in what
 * is hidden or struck. The first one counts. What only looks like one of ours (`/implment`) asks for help; everything else
 * is for other bots.
 */
export function parseCommand(comment: string): Command | null {
  const text = readablePart(comment.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n'));
  const found = [...text.matchAll(/^( {0,3})\/([a-z]+)[.,:!]?(?=\s|$)/gim)].flatMap(
    ({ 0: whole, 1: indent = '', 2: written = '', index }) => {
      const word = written.toLowerCase();
      const name: Command['name'] | null =
        names.find((known) => known === word) ?? (isAlmostOurs(word) ? 'help' : null);
      return name ? [{ name, start: index + indent.length, end: index + whole.length }] : [];
    },
  );
  // Most comments hold none, and need no reading.
  const nodes = found.length > 0 ? readMarkdown(text) : null;
  if (!nodes) return null;
  const isText = findText(text, nodes);
  const command = found.slice(0, maxCandidates).find(({ start }) => isText(start));
  return command ? readWords(command.name, withoutQuotes(text, command.end, nodes)) : null;
}

function readWords(name: Command['name'], text: string): Command {
  // Of what is no request only its own line counts: below it people say why, or a mail programme quotes.
  const line = (text.split('\n')[0] ?? '').trim();
  if (name === 'stop' && !/^(?:|keep)[.!]?$/i.test(line)) return help;
  if (name === 'retry' && !/^(?:|from scratch)[.!]?$/i.test(line)) return help;
  if (name !== 'implement') return { name, instructions: line, agent: null, anyway: false };
  let words = text.trim();
  let agent: string | null = null;
  let anyway = false;
  for (let option: RegExpExecArray | null; ; words = words.slice(option[0].length).trimStart()) {
    // Telephones make one dash of two.
    option = /^(?:@([a-z0-9][a-z0-9-]{0,63})[,:]?|(?:--|[–—])anyway)(?=\s|$)/i.exec(words);
    if (!option) break;
    if (option[1]) agent = option[1].toLowerCase();
    else anyway = true;
  }
  return { name, instructions: words, agent, anyway };
}

const help: Command = { name: 'help', instructions: '', agent: null, anyway: false };

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
