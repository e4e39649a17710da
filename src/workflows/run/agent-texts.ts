import type { Work } from '../../runs/work.js';

/**
 * Lists the agent's texts that a push would publish, and where each would appear. The scan for secrets scans
 * these texts as if they were files.
 */
export function listAgentTexts({ outcome }: Work, branch: string): { place: string; text: string }[] {
  const texts = [{ place: "(the branch's name)", text: branch }];
  if (outcome.kind !== 'submitted') return texts;
  const { title, summary, migrations, endpoints, suggestions, openQuestions, answers } = outcome.submission;
  const lists = {
    migrations,
    endpoints,
    suggestions,
    'open questions': openQuestions,
    'replies to review threads and failed checks': answers.map(({ text }) => text),
  };
  return [
    ...texts,
    { place: "(the pull request's title)", text: title },
    { place: "(the pull request's summary)", text: summary },
    ...Object.entries(lists).map(([name, lines]) => ({
      place: `(the pull request's ${name})`,
      text: lines.join('\n'),
    })),
  ].filter(({ text }) => text !== '');
}
