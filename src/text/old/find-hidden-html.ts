import { type Token, Tokenizer, TokenizerMode } from 'parse5';
import type { Cut } from './cut.js';
import type { MarkdownNode } from './read-markdown.js';

/** Elements that GitHub takes out with what is in them, or that browsers show nothing of. */
const hiddenElements = new Set(
  'script style template title rp noscript textarea iframe noembed noframes object audio video canvas svg math datalist select applet dialog progress meter'.split(
    ' ',
  ),
);
/** Elements whose text stands for something else than what its author says. */
const quotingElements = new Set('pre code samp kbd tt xmp blockquote q del s strike details'.split(' '));
const knownElements = new Set(
  `a abbr acronym address area article aside b base basefont bdi bdo big body br button caption center cite col colgroup
  data dd dfn dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6
  head header hgroup hr html i img input ins label legend li link main map mark menu meta nav nobr ol optgroup
  option output p param picture plaintext rb rt rtc ruby search section small source span strong sub summary
  sup table tbody td tfoot th thead time tr track u ul var wbr`
    .split(/\s+/)
    .concat([...hiddenElements], [...quotingElements]),
);
/** Of these an end closes nothing where another element was begun within, be it by a block of Markdown's. */
const ordinaryElements = new Set(
  'rp noscript audio video canvas svg math datalist progress meter'.split(' '),
);
/** Only these may close themselves. */
const foreign = new Set(['svg', 'math']);
/** What GitHub shows as text, though it is a tag to others. */
const filteredTags = /<(?=\/?(?:title|textarea|style|xmp|iframe|noembed|noframes|script|plaintext)\b)/gi;

type Tag = Token.TagToken & { start: number; end: number; opens: boolean };
interface Tokens {
  tags: Tag[];
  comments: { start: number; end: number }[];
  /** From here on everything belongs to a tag that is never closed. */
  openTag: number;
}

/**
 * What GitHub does not show of the HTML in a text. Where a browser, CommonMark and GitHub's filter of tags may read it in
 * different ways, it is taken out when one of them hides it.
 * @param doubtful blocks that may be HTML too
 */
export function findHiddenHtml(
  text: string,
  nodes: readonly MarkdownNode[],
  doubtful: ReadonlySet<MarkdownNode>,
): Cut[] {
  const pages = [readPage(text, nodes, new Set())];
  if (doubtful.size > 0) pages.push(readPage(text, nodes, doubtful));
  return pages
    .filter(({ html }) => html.includes('<'))
    .flatMap((page) => {
      const { html, places } = page;
      const readings = [tokenise(html, false), tokenise(html, true)];
      if (html.search(filteredTags) >= 0) readings.push(tokenise(html.replace(filteredTags, '+'), false));
      return readings
        .flatMap((tokens) => findCuts(text, page, tokens))
        .map((cut) => ({
          ...cut,
          start: places[cut.start] ?? text.length,
          end: places[cut.end] ?? text.length,
        }));
    });
}

/** Where HTML elements stand that quote, fold or strike what is in them. */
export function findQuotingElements(
  text: string,
  nodes: readonly MarkdownNode[],
): { start: number; end: number }[] {
  const { html, places } = readPage(text, nodes, new Set());
  return findElements(tokenise(html, false).tags, html, quotingElements).map(({ start, end }) => ({
    start: places[start] ?? text.length,
    end: places[end] ?? text.length,
  }));
}

interface Page {
  html: string;
  /** Of each character, and of the end: where it stands in the text. */
  places: readonly number[];
}

/**
 * The HTML of a text as it arrives in GitHub's page. Markdown's own text is escaped there, so it can close nothing, and is
 * shown as `+` here. Behind a block of HTML comes a tag of Markdown's, which may close one that is open.
 */
function readPage(text: string, nodes: readonly MarkdownNode[], doubtful: ReadonlySet<MarkdownNode>): Page {
  let html = '';
  const places: number[] = [];
  const add = (to: number, signs: RegExp, by: string) => {
    html += text.slice(places.length - inserted, to).replace(signs, by);
    for (let at = places.length - inserted; at < to; at++) places.push(at);
  };
  let inserted = 0;
  let block: MarkdownNode | null = null;
  const endBlock = (end: number) => {
    add(Math.max(places.length - inserted, Math.min(end + 1, text.length)), /[^\n]/g, '+');
    html += '>';
    places.push(places.length - inserted);
    inserted += 1;
  };
  for (const node of nodes) {
    const isBlock = node.type === 'htmlFlow' || doubtful.has(node);
    if (!isBlock && node.type !== 'htmlText') continue;
    // Blocks of HTML that follow each other have nothing of Markdown's between them.
    const follows =
      isBlock && node.parent === block?.parent && text.slice(block.end, node.start).trim() === '';
    if (block && !follows) endBlock(block.end);
    add(node.start, /[^\n]/g, '+');
    for (const piece of doubtful.has(node) ? [node] : node.children) {
      if (piece !== node && piece.type !== 'htmlFlowData' && piece.type !== 'htmlTextData') continue;
      // Marks of quotes and lists are no part of it.
      add(piece.start, /[^\n]/g, ' ');
      add(piece.end, /[^\t\n\x20-\x7e]|&/g, '+');
    }
    block = isBlock ? node : null;
  }
  if (block) endBlock(block.end);
  add(text.length, /[^\n]/g, '+');
  places.push(text.length);
  return { html, places };
}

/** Only whether a tag has attributes matters; to compare each with all before it takes long where there are thousands. */
class LinearTokenizer extends Tokenizer {
  protected override _leaveAttrName(): void {
    const tag = this.currentToken as Token.TagToken;
    if (tag.attrs.length === 0) tag.attrs.push(this.currentAttr);
  }
}

/** @param raw what is in `<script>`, `<style>` and the like is text, as browsers have it */
function tokenise(html: string, raw: boolean): Tokens {
  const tokens: Tokens = { tags: [], comments: [], openTag: html.length };
  let last = 0;
  const placed = <T extends Token.Token>(token: T) => {
    const { startOffset = 0, endOffset = 0 } = token.location ?? {};
    last = Math.max(last, endOffset);
    return { ...token, start: startOffset, end: Math.min(endOffset, html.length) };
  };
  // Its location reaches to the next tag, also where that is never closed and counts for nothing.
  const passed = ({ chars, location }: Token.CharacterToken) => {
    last = Math.max(last, (location?.startOffset ?? 0) + chars.length);
  };
  const tokenizer = new LinearTokenizer(
    { sourceCodeLocationInfo: true },
    {
      onComment: (token) => void tokens.comments.push(placed(token)),
      onDoctype: (token) => void tokens.comments.push(placed(token)),
      onStartTag: (token) => {
        tokens.tags.push({ ...placed(token), opens: !(token.selfClosing && foreign.has(token.tagName)) });
        if (raw) tokenizer.state = contentOf[token.tagName] ?? TokenizerMode.DATA;
        tokenizer.lastStartTagName = token.tagName;
      },
      onEndTag: (token) => void tokens.tags.push({ ...placed(token), opens: false }),
      onCharacter: passed,
      onNullCharacter: passed,
      onWhitespaceCharacter: passed,
      onEof: () => undefined,
    },
  );
  tokenizer.write(html, true);
  tokens.openTag = Math.min(last, html.length);
  return tokens;
}

const contentOf: Record<string, Tokenizer['state']> = {
  script: TokenizerMode.SCRIPT_DATA,
  title: TokenizerMode.RCDATA,
  textarea: TokenizerMode.RCDATA,
  ...Object.fromEntries(
    ['style', 'xmp', 'iframe', 'noembed', 'noframes', 'noscript'].map((name) => [
      name,
      TokenizerMode.RAWTEXT,
    ]),
  ),
};

/** Comments that some read to a longer end than others. */
const longEnds = [
  ['<!--', '-->'],
  ['<?', '?>'],
  ['<![CDATA[', ']]>'],
] as const;

function findCuts(text: string, { html, places }: Page, { tags, comments, openTag }: Tokens): Cut[] {
  const cuts: Cut[] = [];
  for (const tag of tags) {
    const { start, end, tagName } = tag;
    const nameEnd = start + (html[start + 1] === '/' ? 2 : 1) + tagName.length;
    // `List<User>` in a sentence is no secret: what stands before it is seen to be cut short.
    const generic =
      /^[a-z][a-z0-9]{0,30}$/.test(tagName) &&
      /[a-z_]\w\w$/i.test(text.slice(Math.max(0, (places[start] ?? 0) - 3), places[start]));
    if (!knownElements.has(tagName) && !generic) cuts.push({ start, end, kind: 'an HTML tag' });
    else if (tag.attrs.length > 0) cuts.push({ start: nameEnd, end: end - 1, kind: 'hidden attributes' });
  }
  let covered = 0;
  const missing = new Set<string>();
  for (const { start, end } of comments) {
    const [opening, closing] = longEnds.find(([open]) => html.startsWith(open, start)) ?? ['', ''];
    const kind = opening === '<!--' ? 'an HTML comment' : 'a hidden declaration';
    cuts.push({ start, end, kind });
    if (!closing || start < covered || missing.has(closing)) continue;
    const closes = html.indexOf(closing, start + opening.length);
    // What is closed for browsers only, as `<!-->` is, is looked for once.
    if (closes < 0) missing.add(closing);
    covered = closes < 0 ? end : Math.max(end, closes + closing.length);
    cuts.push({ start, end: covered, kind });
  }
  // Each kind by itself: what closes one of them within another closes nothing there.
  for (const name of hiddenElements)
    for (const { start, end } of findElements(tags, html, new Set([name])))
      cuts.push({ start, end, kind: 'an element that is not shown' });
  if (openTag < html.length) cuts.push({ start: openTag, end: html.length, kind: 'hidden attributes' });
  return cuts;
}

/** From each outermost start to its end, or the text's. */
function findElements(
  tags: readonly Tag[],
  html: string,
  wanted: ReadonlySet<string>,
): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  let name = '';
  let depth = 0;
  for (const [index, tag] of tags.entries()) {
    const before = tags[index - 1];
    const isOpen = depth > 0 && ordinaryElements.has(name) && holdsMore(html, before, tag);
    if (isOpen) return found;
    if (depth === 0) {
      if (!tag.opens || !wanted.has(tag.tagName)) continue;
      name = tag.tagName;
      depth = 1;
      found.push({ start: tag.start, end: html.length });
    } else if (tag.tagName === name) depth += tag.opens ? 1 : -1;
    else if (name === 'rp' && (tag.tagName === 'rt' || tag.tagName === 'ruby')) depth = 0;
    const last = found.at(-1);
    if (depth === 0 && last) last.end = tag.tagName === name ? tag.end : tag.start;
  }
  return found;
}

/** Whether anything but words stands between the start of an element and the tag that would be its end. */
function holdsMore(html: string, start: Tag | undefined, end: Tag): boolean {
  // Where a block of HTML ends, the page has a sign (readPage).
  return !start?.opens || end.opens || />|\n[ \t]*\n/.test(html.slice(start.end, end.start));
}
