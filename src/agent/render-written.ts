import { data } from './data.js';

const maxListed = 20;
const maxLength = 200;

/**
 * Tells the agent which files the tests wrote. The repository chooses their names, so the names are untrusted
 * data.
 * @param words say what the files are and what it means. They end with a colon.
 */
export function renderWritten(words: string, files: readonly { path: string }[]): string[] {
  if (files.length === 0) return [];
  const listed = files.slice(0, maxListed).map(({ path }) => path.slice(0, maxLength).toWellFormed());
  if (files.length > maxListed) listed.push(`and ${files.length - maxListed} more`);
  return [words, data('written-files', listed.join('\n'))];
}
