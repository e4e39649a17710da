import { Token, Tokenizer } from 'parse5';
import { attachment, hiddenMark } from './mark-hidden.js';
import type { PlacedNode } from './parse-markdown.js';

/** A tag or comment; a comment has no name. `elementEnd` is null if no tag closes the element. */
type Tag = { name: string; start: number; end: number; elementEnd: number | null };

/** Elements that browsers do not show, and attributes that hide an element. */
const hiddenElements = /^(?:rp|video|svg|math)$/;
const hidingAttribute = /\shidden(?=[\s/=]|$)|display:\s*none|visibility:\s*hidden/i;
/** Plain tags stay in the text: links, JSX and generic types. Their attribute values are single words. */
const quoted = (value: string) => `=(?:"${value}"|'${value}'|${value})`;
const attribute = [
  `(?<=^a\\s+)href${quoted('[^\\s"\'<>`]{1,500}')}`,
  `src${quoted(attachment)}`,
  `[\\w:@.*#()-]{1,30}${quoted('[^\\s"\'=<>`]{0,30}')}`,
].join('|');
const plainTag = new RegExp(`^[^\\s/]*(?:\\s+(?:${attribute})){0,6}(?:\\s+[\\w.-]{1,30}){0,2}\\s*[/=]?$`);
/** Matches tags that GitHub shows as text. */
const shownTags = /<(?=\/?(?:title|textarea|style|xmp|iframe|noembed|noframes|script|plaintext)\b)/gi;
/** Matches comments and CDATA sections up to the latest possible end. Some parsers end them earlier. */
const longestReading = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)/g;

/** Finds the HTML that GitHub does not show. If no tag closes an element, the element hides nothing. */
export function findHiddenHtml(text: string, nodes: readonly PlacedNode[], names = hiddenElements) {
  const page = buildPage(text, nodes);
  return readTags(page).flatMap(({ name, start, end, elementEnd }) => {
    const from = start + name.length + (page[start + 1] === '/' ? 2 : 1);
    const attributes = page.slice(from, end).replace(/>$/, '');
    const isHidden = names.test(name) || hidingAttribute.test(attributes);
    if (elementEnd && isHidden) return [{ start, end: elementEnd }];
    if (name === '' || name.length > 40) return [{ start, end }];
    const isPlain = plainTag.test(name + attributes.replace(hiddenMark, ''));
    return isPlain ? [] : [{ start: from + 1, end: from + attributes.length }];
  });
}

/** Replaces all text except HTML with `+`, because only HTML can close a tag. Positions stay the same. */
function buildPage(text: string, nodes: readonly PlacedNode[]): string {
  let page = '';
  for (const { node, start, end, parent } of nodes) {
    if (node.type !== 'html') continue;
    page += text.slice(page.length, start).replace(/[^\n]/g, '+');
    // The node's value does not contain the quote and list markers of its lines. Spaces replace them.
    const [lines, source] = [node.value.split('\n'), text.slice(start, end).split('\n')];
    page += source.map(({ length }, at) => (lines[at] ?? '').padStart(length).slice(0, length)).join('\n');
    // On GitHub's page, the HTML of the next block closes a tag that this block leaves unfinished.
    const isBlock = !/^(?:paragraph|heading|tableCell|link.*)$/.test(parent?.node.type ?? '');
    if (isBlock && text[end] === '\n' && page.lastIndexOf('<!--') <= page.lastIndexOf('-->')) page += '>';
  }
  page += text.slice(page.length).replace(/[^\n]/g, '+');
  return page.replace(/[^\t\n -~]|&/g, '+').replace(shownTags, '+');
}

/** Reads the tags and comments of a page. If a tag is still open at the end of the page, it ends there. */
function readTags(page: string): Tag[] {
  const long = [...page.matchAll(longestReading)].map(({ 0: { length }, index }) => [index, index + length]);
  const tags: Tag[] = long.map(([start = 0, end = 0]) => ({ name: '', start, end, elementEnd: null }));
  const open = new Map<string, Tag[]>();
  const add = (token: Token.TagToken | Token.CommentToken | Token.DoctypeToken) => {
    const { startOffset: start = 0, endOffset = 0 } = token.location ?? {};
    const name = 'tagName' in token ? token.tagName : '';
    const tag: Tag = { name, start, end: Math.min(endOffset, page.length), elementEnd: null };
    tags.push(tag);
    if (/^(?:rt|ruby)$/.test(name)) for (const rp of open.get('rp')?.splice(0) ?? []) rp.elementEnd = start;
    const opened = open.get(name) ?? [];
    open.set(name, opened);
    if (token.type !== Token.TokenType.START_TAG) Object.assign(opened.pop() ?? {}, { elementEnd: tag.end });
    else if (!token.selfClosing) opened.push(tag);
  };
  const ignore = () => {};
  const onText = { onCharacter: ignore, onNullCharacter: ignore, onWhitespaceCharacter: ignore };
  const onTag = { onStartTag: add, onEndTag: add, onComment: add, onDoctype: add, onEof: ignore };
  new Tokenizer({ sourceCodeLocationInfo: true }, { ...onText, ...onTag }).write(`${page}"'>`, true);
  return tags;
}
