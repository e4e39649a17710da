import { removeInvisible } from '../text/sanitize.js';

/** An opening or closing mark, however it is spaced. The lookahead keeps the match linear. */
const dataMark = /<(?=[\s\p{Cf}]*(?:\/[\s\p{Cf}]*)?data)/giu;
const maxAttribute = 300;

/**
 * Fences text that comes from people, programs or the repository. The text cannot close its fence early, and
 * an attribute cannot add another one.
 */
export function data(
  kind: string,
  text: string,
  attributes: Readonly<Record<string, string | number | null>> = {},
): string {
  const rendered = Object.entries(attributes)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ` ${name}="${renderValue(String(value))}"`);
  const body = removeInvisible(text).replace(dataMark, '&lt;');
  return `<data kind="${kind}"${rendered.join('')}>\n${body}\n</data>`;
}

function renderValue(text: string): string {
  return removeInvisible(text.slice(0, maxAttribute).toWellFormed())
    .replace(/[<>\s]/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;');
}
