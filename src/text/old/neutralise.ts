import { stripEscapes } from '../strip-escapes.js';

/** Breaks what GitHub would act on, and nothing that people read: a zero-width space. */
const gap = '\u200B';

/** What shows nothing or turns text around, and controls but tab and newline: text that shows otherwise than it is. */
const deceptive = /(?![\t\n])[\p{Default_Ignorable_Code_Point}\p{Control}\u200E\u200F\u2800\uFFF9-\uFFFB]/gu;
const lineEnds = /\r\n?|[\u000B\u000C\u0085\u2028\u2029]/g;

/** GitHub's own, and those that GitLab and others know; with marks between their letters, which a reader does not see. */
const keywords = [
  ...['close', 'closes', 'closed', 'closing', 'fix', 'fixes', 'fixed', 'fixing'],
  ...[
    'resolve',
    'resolves',
    'resolved',
    'resolving',
    'implement',
    'implements',
    'implemented',
    'implementing',
  ],
].map((word) => [...word].join('[*_~`]{0,3}'));
const other = String.raw`[^\p{L}\p{N}]`;
/** Whatever stands between the word and the issue but other words. A backslash before a mark is not seen either. */
const closing = new RegExp(
  `(?<![a-z])(?:${keywords.join('|')}|duplicates?${other}{1,10}of)(?![a-z])` +
    String.raw`(?=${other}{0,40}(?:issues?${other}{1,10})?(?:[\w./\\-]{0,140}#\d|GH\\*-\\*\d|https?:|www\.|github\.com))`,
  'giu',
);

/** What may stand before a block in its line: marks of quotes and lists. */
const lead = String.raw`^[ \t>*+.)\d-]*`;
/** What becomes more than code: a change to be accepted with a click, a formula, a drawing. */
const livingCode = /^[^\p{L}\n]*(?:suggestion|math|mermaid|geojson|topojson|stl)/iu;

const split = (word: string) => `${word[0]}${gap}${word.slice(1)}`;
const end = (found: string) => found + gap;

/** What GitHub, git or other bots act on, and where it is broken. Each linear in the text's length. */
const acting: [pattern: RegExp, broken: (found: string) => string][] = [
  // Mentions of people and teams, commands to other bots, commits of other repositories.
  [/@(?=\w)/g, end],
  [/&(?=#|(?!amp;)[a-z][a-z\d]{0,40};)/gi, () => '&amp;'],
  [closing, split],
  // Issues of other repositories, which would be told of it: owner/name#1, owner#1, GH-1, addresses.
  [/#(?<=[\w.-]\\*#)(?=\d)/g, end],
  [/(?<![a-z\d])GH\\*-(?=\d)/gi, end],
  [/(?:https?:)?[/\\]{2}\S+|www\.\S+|github\.com[/\\]\S+|\]\(\s*\S+/gi, breakAddress],
  // HTML, and what is taken from elsewhere or put elsewhere: images, alerts, formulas, definitions of links and of footnotes.
  [/<(?=[A-Za-z/!?])/g, end],
  [/!(?=\[)/g, end],
  [/\[(?=\\?!\s{0,9}(?:note|tip|important|warning|caution)\s{0,9}\\?\])/gi, end],
  [/\$(?=[$`])/g, end],
  [new RegExp(String.raw`${lead}\[(?![ x]\][ \t])`, 'gim'), (found) => `${found.slice(0, -1)}${gap}[`],
  [new RegExp(`${lead}(?:\`{3,}|~{3,}).*$`, 'gm'), breakFence],
  // Commands to other bots.
  [/^[^\S\n]*[/!](?=[a-z])/gim, end],
  [/\b(?:bors|homu)(?=[ \t:]+\S)/gi, split],
  [/\b(?:re)?test(?= this,? please\b)|\bok(?= to test\b)/gi, split],
  // In a commit's message, which a pull request's title and body may become: who wrote it, and that nothing is to be checked.
  [/^[ \t]*(?:[a-z](?=[a-z]*(?:-[a-z]+)*-by[ \t]*:)|(?:release-a|change-i)(?=[sd][ \t]*:))/gim, end],
  [/\bs(?=kip-checks[ \t]*:)/gi, end],
  [/\[(?=[^\][\n]{0,40}(?<![a-z])(?:skip|no)(?![a-z])[^\][\n]{0,40}\])/gi, end],
  [/\*{3}(?=NO_CI)/gi, end],
];

/** A text in which nothing acts any more, and nothing is hidden. Doing it twice changes nothing more. */
export function neutralise(text: string): string {
  const plain = stripEscapes(text).replace(lineEnds, '\n').replace(deceptive, '');
  return acting.reduce((left, [pattern, broken]) => left.replace(pattern, broken), plain).toWellFormed();
}

/** Where a name of GitHub's for its own pages stands in an address, written in whatever way, what follows is another one. */
function breakAddress(address: string): string {
  const parts = address.split(/((?:[/\\]|%2f|%5c)+)/i);
  return parts
    .map((part, index) => {
      const isSeparator = index % 2 === 1;
      const name = isSeparator && index > 1 ? decodePercent(parts[index - 1] ?? '') : '';
      return /^(?:issues|pulls?|discussions|commits?|compare)$/i.test(name) && parts[index + 1]
        ? part + gap
        : part;
    })
    .join('');
}

function decodePercent(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function breakFence(line: string): string {
  const after = line.search(/[`~]/);
  const info = line.slice(after).replace(/^[`~]+/, '');
  return livingCode.test(info) ? `${line.slice(0, line.length - info.length)}${gap}${info}` : line;
}
