import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5';

const notShown = new Set(['rp', 'video', 'svg', 'math']);

/**
 * Returns the text that GitHub shows of a page made from Markdown. Like GitHub, it shows some tags as text
 * (https://github.github.com/gfm/#disallowed-raw-html-extension-). An element without an end tag hides
 * nothing.
 */
export function renderVisibleText(markdown: string): string {
  const html = micromark(markdown, {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
  return textOf(parseFragment(html, { sourceCodeLocationInfo: true, scriptingEnabled: false }));
}

function textOf(node: DefaultTreeAdapterTypes.Node): string {
  if (node.nodeName === '#text' && 'value' in node) return node.value;
  const { sourceCodeLocation: place } = node;
  if (notShown.has(node.nodeName) && place && 'endTag' in place && place.endTag) return '';
  if ('content' in node) return textOf(node.content);
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}
