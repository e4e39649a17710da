import { codeBlock, codeSpan, inlineText, oneLine, plainText } from './inline-text.js';
import { quote, statement } from './quote.js';

/** The only ways in which a model's or a program's text gets into what the bot writes. */
export interface UntrustedText {
  /** One line, in a sentence or a list item of ours. */
  line(text: string, maxLength?: number): string;
  /** After a label of ours: the first paragraph on its line, the rest below as a quote. */
  statement(text: string, indent?: string): string;
  /** All of it, as a quote. */
  quote(text: string, maxLength: number): string;
  /** A name, in a code span. */
  name(text: string): string;
  /** The end of a program's output, as a code block. */
  output(text: string, maxLength: number): string;
  /** One line where Markdown does not count. */
  title(text: string, maxLength: number): string;
  /** Several lines where Markdown does not count: a commit's message. */
  plain(text: string, maxLength: number): string;
}

/** More text than this is searched for credentials in parts. */
const maxSearchedTogether = 16_000;
/** Enough for a question, an answer or a reason, in characters. */
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

/** Escapes, but keeps credentials: for `composeText`, and for where there can be none. */
export const escapeOnly = escapeAfter((text) => text);

/**
 * Composes texts of ours around untrusted ones, without credentials. Redacts each untrusted text before it is
 * escaped, for escaping breaks the patterns of credentials, and then the whole, where parts may make one.
 * @param compose called twice, first to learn which texts there are; must do the same each time
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
  // Most texts have no credential, and one search is enough to know.
  const all = [...redacted.keys()].join('\n');
  const isClean = all.length <= maxSearchedTogether && (await redact(all)) === all;
  for (const text of redacted.keys()) redacted.set(text, isClean ? text : await redact(text));
  const composed = compose(escapeAfter((text) => redacted.get(text) ?? '[withheld]'));
  if (typeof composed === 'string') return (await redact(composed)) as T;
  const texts = Object.entries<string>(composed).map(async ([name, text]) => [name, await redact(text)]);
  return Object.fromEntries(await Promise.all(texts)) as T;
}
