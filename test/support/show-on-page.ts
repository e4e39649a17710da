import { micromark } from 'micromark';
import { gfmAutolinkLiteral, gfmAutolinkLiteralHtml } from 'micromark-extension-gfm-autolink-literal';
import { gfmFootnote, gfmFootnoteHtml } from 'micromark-extension-gfm-footnote';
import { gfmTable, gfmTableHtml } from 'micromark-extension-gfm-table';
import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5';

/** GitHub shows these tags as text: https://github.github.com/gfm/#disallowed-raw-html-extension- */
const filteredTags = /<(?=\/?(?:title|textarea|style|xmp|iframe|noembed|noframes|script|plaintext)\b)/gi;
const notShown = new Set(['rp', 'video', 'svg', 'math']);

/** The text that GitHub shows of a page made from Markdown. An element without an end tag hides nothing. */
export function showOnPage(markdown: string): string {
  const html = micromark(markdown, {
    allowDangerousHtml: true,
    extensions: [gfmTable(), gfmFootnote(), gfmAutolinkLiteral()],
    htmlExtensions: [gfmTableHtml(), gfmFootnoteHtml(), gfmAutolinkLiteralHtml()],
  }).replace(filteredTags, '&lt;');
  return textOf(parseFragment(html, { sourceCodeLocationInfo: true, scriptingEnabled: false }));
}

function textOf(node: DefaultTreeAdapterTypes.Node): string {
  if (node.nodeName === '#text' && 'value' in node) return node.value;
  const { sourceCodeLocation: place } = node;
  if (notShown.has(node.nodeName) && place && 'endTag' in place && place.endTag) return '';
  if ('content' in node) return textOf(node.content);
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}
