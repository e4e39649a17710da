import { micromark } from 'micromark';
import { gfmAutolinkLiteral, gfmAutolinkLiteralHtml } from 'micromark-extension-gfm-autolink-literal';
import { gfmFootnote, gfmFootnoteHtml } from 'micromark-extension-gfm-footnote';
import { gfmTable, gfmTableHtml } from 'micromark-extension-gfm-table';
import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5';

const notShown = new Set('script style template title rp noscript textarea iframe object'.split(' '));

/** @returns the text that a browser shows of a page made from Markdown */
export function renderVisibleText(markdown: string): string {
  const html = micromark(markdown, {
    allowDangerousHtml: true,
    extensions: [gfmTable(), gfmFootnote(), gfmAutolinkLiteral()],
    htmlExtensions: [gfmTableHtml(), gfmFootnoteHtml(), gfmAutolinkLiteralHtml()],
  });
  return textOf(parseFragment(html));
}

function textOf(node: DefaultTreeAdapterTypes.Node): string {
  if (notShown.has(node.nodeName)) return '';
  if ('value' in node && node.nodeName === '#text') return node.value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}
