import { codeBlock, codeSpan, inlineText, oneLine, plainText } from './inline-text.js';
import { quote, statement } from './quote.js';

/** Every way to put text of a model or a program into text that the bot writes. There are no others. */
export interface UntrustedText {
  /** One line within a sentence or a list item that the bot writes. */
  line(text: string, maxLength?: number): string;
  /**
   * Text after a label that the bot writes. The first paragraph is on the same line, and the rest is a quote
   * below it.
   */
  statement(text: string, indent?: string): string;
  /** The whole text, as a quote. */
  quote(text: string, maxLength: number): string;
  /** A name, in a code span. */
  name(text: string): string;
  /** The end of a program's output, as a code block. */
  output(text: string, maxLength: number): string;
  /** One line in a place that GitHub does not render as Markdown. */
  title(text: string, maxLength: number): string;
  /** Several lines in a place that GitHub does not render as Markdown, such as a commit message. */
  plain(text: string, maxLength: number): string;
}

/** A longer text is searched for credentials in parts. In characters. */
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
    title: (text, maxLength) => oneLine(read(text), maxLength),
    plain: (text, maxLength) => plainText(read(text), maxLength),
  };
}

/** Escapes text but keeps credentials. For `composeText`, and for texts that cannot contain credentials. */
export const escapeOnly = escapeAfter((text) => text);

/**
 * Composes the bot's texts around untrusted ones and removes credentials. It redacts each untrusted text
 * before escaping, because escaping breaks the patterns of credentials. Then it redacts the whole text,
 * because parts may form a credential together.
 * @param compose called twice, the first time to collect the texts; must do the same each time
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
  // Most texts contain no credential, and one search is enough to find that out.
  const all = [...redacted.keys()].join('\n');
  const isClean = all.length <= maxSearchedTogether && (await redact(all)) === all;
  for (const text of redacted.keys()) redacted.set(text, isClean ? text : await redact(text));
  const composed = compose(escapeAfter((text) => redacted.get(text) ?? '[withheld]'));
  if (typeof composed === 'string') return (await redact(composed)) as T;
  const texts = Object.entries<string>(composed).map(async ([name, text]) => [name, await redact(text)]);
  return Object.fromEntries(await Promise.all(texts)) as T;
}
