import { removeInvisible } from '../text/sanitize.js';

/**
 * Matches the `<` of an opening or closing data tag, even if the tag contains spaces or invisible characters.
 */
const dataMark = /<(?=[\s\p{Cf}]*(?:\/[\s\p{Cf}]*)?data)/giu;
const maxAttribute = 300;

/**
 * Puts text from people, programs or the repository into `<data>` tags. Escapes the text so that it cannot
 * close the tag early. Escapes the values of the attributes so that they cannot add other attributes.
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
