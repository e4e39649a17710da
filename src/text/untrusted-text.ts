import { gap } from './escape-markdown.js';
import { codeBlock, codeSpan, inlineText, oneLine, plainText } from './inline-text.js';
import { quote, statement } from './quote.js';

/**
 * Functions that put text written by a model or a program into text that the bot writes. No other function
 * may do this.
 */
export interface UntrustedText {
  /** Returns the text as one line for a sentence or a list item that the bot writes. */
  line(text: string, maxLength?: number): string;
  /**
   * Returns the text in a form that can follow a label of the bot. The first paragraph goes on the label's
   * line. The rest goes into a quote below the label.
   */
  statement(text: string, indent?: string): string;
  /** Returns the whole text as a quote. */
  quote(text: string, maxLength: number): string;
  /** Returns a name as a code span. */
  name(text: string): string;
  /** Returns the end of a program's output as a code block. */
  output(text: string, maxLength: number): string;
  /** Returns the text as one line for a place that GitHub does not render as Markdown. */
  title(text: string, maxLength: number): string;
  /**
   * Returns the text as several lines for a place that GitHub does not render as Markdown, such as a commit
   * message.
   */
  plain(text: string, maxLength: number): string;
}

/**
 * If the texts together have more characters than this, `composeText` searches each text for credentials
 * separately.
 */
const maxSearchedTogether = 16_000;
/** The maximum length of a question, an answer or a reason, in characters. */
const maxStatement = 4000;

function escapeAfter(read: (text: string) => string): UntrustedText {
  return {
    line: (text, maxLength = maxStatement) => inlineText(read(text), maxLength),
    statement: (text, indent) => statement(read(text), maxStatement, indent),
    quote: (text, maxLength) => quote(read(text), maxLength),
    name: (text) => codeSpan(read(text)),
    output: (text, maxLength) => codeBlock(read(text), maxLength),
    title: (text, maxLength) => showGaps(oneLine(read(text), maxLength)),
    plain: (text, maxLength) => showGaps(plainText(read(text), maxLength)),
  };
}

/**
 * Removes the invisible characters of escaped text. Titles and commit messages are read in many programs,
 * where such characters look like an attack. Only what GitHub and git act on outside of Markdown gets a space
 * instead.
 */
function showGaps(escaped: string): string {
  return escaped.replace(new RegExp(`([<$]|!(?=${gap}\\[))${gap}`, 'g'), '$1').replaceAll(gap, ' ');
}

/** Escapes texts but keeps credentials. It is for tests, and for texts that cannot contain credentials. */
export const escapeOnly = escapeAfter((text) => text);

/**
 * Composes texts of the bot that contain untrusted texts, and removes credentials. It redacts each untrusted
 * text before escaping, because escaping breaks the patterns of credentials. Then it redacts the whole text,
 * because several parts together can form a credential.
 * @param compose the function that builds the text. It is called twice. The first call only collects the
 * untrusted texts. Both calls must do the same.
 */
export async function composeText<T extends string | { [name in keyof T]: string }>(
  compose: (untrusted: UntrustedText) => T,
  redact: (text: string) => Promise<string>,
): Promise<T> {
  const redacted = new Map<string, string>();
  compose(
    escapeAfter((text) => {
      redacted.set(text, '');
      return text;
    }),
  );
  // Most texts contain no credential. One search of all texts together is enough to confirm this.
  const all = [...redacted.keys()].join('\n');
  const isClean = all.length <= maxSearchedTogether && (await redact(all)) === all;
  for (const text of redacted.keys()) redacted.set(text, isClean ? text : await redact(text));
  const composed = compose(escapeAfter((text) => redacted.get(text) ?? '[withheld]'));
  if (typeof composed === 'string') return (await redact(composed)) as T;
  const texts = Object.entries<string>(composed).map(async ([name, text]) => [name, await redact(text)]);
  return Object.fromEntries(await Promise.all(texts)) as T;
}
