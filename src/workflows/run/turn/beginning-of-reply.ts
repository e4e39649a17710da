import type { Reply } from '../../../model/model.js';

const maxLength = 200;
/** The beginning is searched for credentials before it is cut, so that no cut can hide one. */
const maxRead = 8000;

/**
 * Returns the first paragraph of the model's text on one line. If there is no text, returns the first
 * paragraph of the summary of its thinking.
 */
export function readBeginning({ content }: Pick<Reply, 'content'>): string {
  const text = content.find((block) => block.type === 'text')?.text;
  const thinking = content.find((block) => block.type === 'thinking')?.thinking;
  const [paragraph = ''] = (text ?? thinking ?? '')
    .trim()
    .slice(0, maxRead)
    .split(/\n\s*\n/);
  return paragraph.replace(/\s+/g, ' ').toWellFormed();
}

/** Cuts a text to 200 characters, at the end of a sentence if possible, otherwise at the end of a word. */
export function cutText(text: string): string {
  if (text.length <= maxLength) return text;
  const sentences = /^.*[.!?](?=\s)/.exec(text.slice(0, maxLength + 1))?.[0] ?? '';
  if (sentences.length >= maxLength / 2) return sentences;
  const words = text.slice(0, maxLength - 1).replace(/\s+\S*$/, '');
  return `${words.toWellFormed()}…`;
}
