import { cleanLine, cleanText, codeBlock, codeSpan, oneLine, quoted, said } from './clean-text.js';

/** The ways, and the only ones, in which a model's or a program's words get into what the bot writes. */
export interface Words {
  /** One line, in a sentence or a list of ours. */
  line(text: string, maxLength?: number): string;
  /** Behind a word of ours: one paragraph in its line, more of them below as a quote. */
  said(text: string, indent?: string): string;
  /** All of it, as a quote. */
  quoted(text: string, maxLength: number): string;
  /** A name. */
  span(text: string): string;
  /** What a program printed: its end. */
  block(text: string, maxLength: number): string;
  /** One line where Markdown does not count. */
  title(text: string, maxLength: number): string;
  /** Where Markdown does not count: a commit's message. */
  plain(text: string, maxLength: number): string;
}

/** Above it a search may be another one, by parts. */
const maxSearchedTogether = 16_000;
/** Enough for a question, an answer or a reason. */
const maxSaid = 4000;

function wordsWith(read: (text: string) => string): Words {
  return {
    line: (text, maxLength = maxSaid) => cleanLine(read(text), maxLength),
    said: (text, indent) => said(read(text), maxSaid, indent),
    quoted: (text, maxLength) => quoted(read(text), maxLength),
    span: (text) => codeSpan(read(text)),
    block: (text, maxLength) => codeBlock(read(text), maxLength),
    title: (text, maxLength) => oneLine(read(text), maxLength),
    plain: (text, maxLength) => cleanText(read(text), maxLength),
  };
}

/** Clean, and with the credentials that may be in it: for `composeText`, and where none can be. */
export const cleanWords = wordsWith((text) => text);

/**
 * Composes texts of ours around words of others. Credentials are taken out of these before they are cleaned: cleaning parts, with what
 * nobody sees, what a credential is known by. And once more out of the whole, where several words may make one.
 * @param compose the same each time; it is done twice, first to learn which words there are
 */
export async function composeText<T extends string | { [name in keyof T]: string }>(
  compose: (words: Words) => T,
  redact: (text: string) => Promise<string>,
): Promise<T> {
  const withheld = new Map<string, string>();
  compose(
    wordsWith((text) => {
      withheld.set(text, '');
      return text;
    }),
  );
  // In most there is none, and one search is enough to know.
  const all = [...withheld.keys()].join('\n');
  const isClean = all.length <= maxSearchedTogether && (await redact(all)) === all;
  for (const text of withheld.keys()) withheld.set(text, isClean ? text : await redact(text));
  const composed = compose(wordsWith((text) => withheld.get(text) ?? '[withheld]'));
  if (typeof composed === 'string') return (await redact(composed)) as T;
  const texts = Object.entries<string>(composed).map(async ([name, text]) => [name, await redact(text)]);
  return Object.fromEntries(await Promise.all(texts)) as T;
}
