import type { Work } from '../../agent/work.js';

/** What the agent says of its work, and where it would stand: looked through like a file before anything is pushed. */
export function wordsOf({ outcome }: Work, branch: string): { place: string; text: string }[] {
  const words = [{ place: "(the branch's name)", text: branch }];
  if (outcome.kind !== 'submitted') return words;
  const { title, summary, migrations, endpoints, suggestions, openQuestions, answers } = outcome.submission;
  const lists = {
    migrations,
    endpoints,
    suggestions,
    'open questions': openQuestions,
    'answers to its review': answers.map(({ text }) => text),
  };
  return [
    ...words,
    { place: "(the pull request's title)", text: title },
    { place: "(the pull request's summary)", text: summary },
    ...Object.entries(lists).map(([name, lines]) => ({
      place: `(the pull request's ${name})`,
      text: lines.join('\n'),
    })),
    // In pieces over all of them.
    { place: "(the pull request's text)", text: [title, summary, ...Object.values(lists).flat()].join('\n') },
  ].filter(({ text }) => text !== '');
}
