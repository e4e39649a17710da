import { stripEscapes } from './strip-escapes.js';

/** A zero-width space. It keeps GitHub from acting on the text around it, and people do not see it. */
export const gap = '\u200B';

/**
 * Matches control characters except tab and newline, invisible characters, and characters that change the
 * direction of text.
 */
const deceptive = /(?![\t\n])[\p{Default_Ignorable_Code_Point}\p{Control}\u200E\u200F\u2800\uFFF9-\uFFFB]/gu;
const lineEnds = /\r\n?|[\u000B\u000C\u0085\u2028\u2029]/g;

/**
 * GitHub, GitLab and other services close an issue if one of these words comes before its number. These
 * services ignore Markdown syntax characters between the letters of a word.
 */
const keywords = [
  ...['close', 'closes', 'closed', 'closing', 'fix', 'fixes', 'fixed', 'fixing'],
  ...['resolve', 'resolves', 'resolved', 'resolving'],
  ...['implement', 'implements', 'implemented', 'implementing'],
].map((word) => [...word].join('[*_~`]{0,3}'));
const sign = String.raw`[^\p{L}\p{N}]`;
/**
 * Matches a keyword that closes an issue if the number or URL of an issue follows. Only punctuation and the
 * word `issue` may be between the two. Backslashes count as punctuation, because GitHub ignores backslashes.
 */
const closing = new RegExp(
  `(?<![a-z])(?:${keywords.join('|')}|duplicates?${sign}{1,10}of)(?![a-z])` +
    String.raw`(?=${sign}{0,40}(?:issues?${sign}{1,10})?(?:[\w./\\-]{0,140}#\d|GH\\*-\\*\d|https?:|www\.|github\.com))`,
  'giu',
);

/** Matches the quote and list markers that can come before a block on the same line. */
const lead = String.raw`^[ \t>*+.)\d-]*`;
/**
 * Matches the start of code blocks that GitHub does not show as code: suggested changes, formulas and
 * diagrams.
 */
const livingCode = /^[^\p{L}\n]*(?:suggestion|math|mermaid|geojson|topojson|stl)/iu;

const breakAfterFirst = (word: string) => `${word[0]}${gap}${word.slice(1)}`;
const breakAtEnd = (found: string) => found + gap;

/**
 * Patterns for text that GitHub, git or other bots act on. The function after each pattern disables the text.
 * Each pattern takes linear time.
 */
const acting: [pattern: RegExp, broken: (found: string) => string][] = [
  // Mentions of people and teams, commands to other bots, and references to commits of other repositories.
  [/@(?=\w)/g, breakAtEnd],
  [/&(?=#|(?!amp;)[a-z][a-z\d]{0,40};)/gi, () => '&amp;'],
  [closing, breakAfterFirst],
  // References to issues, such as owner/name#1, owner#1, GH-1 and URLs. GitHub would show a notice in the
  // referenced issue.
  [/#(?<=[\w.-]\\*#)(?=\d)/g, breakAtEnd],
  [/(?<![a-z\d])GH\\*-(?=\d)/gi, breakAtEnd],
  [/(?:https?:)?[/\\]{2}\S+|www\.\S+|github\.com[/\\]\S+|\]\(\s*\S+/gi, breakAddress],
  // HTML, images, alerts, formulas, and definitions of links and footnotes.
  [/<(?=[A-Za-z/!?])/g, breakAtEnd],
  [/!(?=\[)/g, breakAtEnd],
  [/\[(?=\\?!\s{0,9}(?:note|tip|important|warning|caution)\s{0,9}\\?\])/gi, breakAtEnd],
  [/\$(?=[$`])/g, breakAtEnd],
  [new RegExp(String.raw`${lead}\[(?![ x]\][ \t])`, 'gim'), (found) => `${found.slice(0, -1)}${gap}[`],
  [new RegExp(`${lead}(?:\`{3,}|~{3,}).*$`, 'gm'), breakFence],
  // Commands to other bots.
  [/^[^\S\n]*[/!](?=[a-z])/gim, breakAtEnd],
  [/\b(?:bors|homu)(?=[ \t:]+\S)/gi, breakAfterFirst],
  [/\b(?:re)?test(?= this,? please\b)|\bok(?= to test\b)/gi, breakAfterFirst],
  // Git trailers, and words that skip CI checks. The title and body of a pull request can become a commit
  // message.
  [/^[ \t]*(?:[a-z](?=[a-z]*(?:-[a-z]+)*-by[ \t]*:)|(?:release-a|change-i)(?=[sd][ \t]*:))/gim, breakAtEnd],
  [/\bs(?=kip-checks[ \t]*:)/gi, breakAtEnd],
  [/\[(?=[^\][\n]{0,40}(?<![a-z])(?:skip|no)(?![a-z])[^\][\n]{0,40}\])/gi, breakAtEnd],
  [/\*{3}(?=NO_CI)/gi, breakAtEnd],
];

/**
 * Removes hidden characters from a text and disables everything that GitHub, git or other bots would act on.
 * The function is idempotent.
 */
export function escapeMarkdown(text: string): string {
  const plain = stripEscapes(text).replace(lineEnds, '\n').replace(deceptive, '');
  return acting.reduce((left, [pattern, broken]) => left.replace(pattern, broken), plain).toWellFormed();
}

/**
 * Disables the URLs of issues, pull requests, discussions, commits and comparisons. Breaks the URL after the
 * path segment that names the kind of page, such as `issues`, even if this segment is percent-encoded.
 */
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
