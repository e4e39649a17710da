import type Anthropic from '@anthropic-ai/sdk';
import type { Feedback, ThreadPlace } from '../task/task.js';
import { data } from './data.js';

const notices: Record<Feedback['kind'], string> = {
  review: 'Your pull request was reviewed. /workspace contains the current state of its branch.',
  command:
    'More work on your pull request was requested. /workspace contains the current state of its branch.',
  answer: 'Your questions were answered. Continue the work.',
  'ci-failure':
    "The repository's CI failed on your commit. /workspace contains the current state of your branch.",
  conflict:
    'The base branch changed and conflicts with your branch. /workspace contains the merge of both, with ' +
    'conflict markers where they differ. Resolve every conflict so that the intent of both sides is kept, ' +
    'and leave no marker.',
  retry: 'The previous run ended before the work was done. Continue it.',
};

const titleAndSummary =
  'In the title of submit, say what this work changes. In the summary, describe the whole pull request as it ' +
  'is after it.';

const howToAnswerThreads =
  'If what a thread asks for is right, do it. Answer every thread in `answers` of submit, with its ' +
  'number: what you did, or why you did not do it.';

/** GitHub renders such a block as a change that people can apply with a click. */
const suggestion = /^ {0,3}(?:`{3,}|~{3,})suggestion\b/m;
const howToApply =
  'A `suggestion` block replaces exactly the lines of its thread. If it is right, apply it as it is.';

const howToAnswerChecks =
  'Find out why each check failed, and fix what this branch broke. Leave a check alone if this branch did ' +
  'not break it, or if no change in /workspace can fix it. Answer every check in `answers` of submit, with ' +
  'its number as `thread`: what was wrong and what you did, or why you did nothing.';

/**
 * Tells the agent what people or CI said about its work so far. Our own instructions are in separate blocks,
 * apart from the words of people and programs.
 */
export function renderFeedback(feedback: Feedback): Anthropic.TextBlockParam[] {
  const { kind, author, instructions, threads, notes } = feedback;
  const said: string[] = [];
  // Notes contain branch names and paths. Anyone can choose those, so they are untrusted data.
  if (notes.length > 0) said.push(data('branch', notes.join('\n')));
  if (instructions) said.push(data(kind, instructions, { author }));
  for (const [index, { path, place, comments }] of threads.entries()) {
    const attributes = { thread: index + 1, file: path, ...describePlace(place) };
    const bodies = comments.map((comment) => `${comment.author}: ${comment.body}`);
    said.push(data('thread', [place.hunk, ...bodies].filter(Boolean).join('\n\n'), attributes));
  }
  const texts = [notices[kind]];
  if (said.length > 0) texts.push(said.join('\n\n'));
  const suggests = threads.some(({ comments }) => comments.some(({ body }) => suggestion.test(body)));
  if (threads.length > 0) texts.push(suggests ? `${howToAnswerThreads} ${howToApply}` : howToAnswerThreads);
  if (kind === 'ci-failure') texts.push(howToAnswerChecks);
  if (kind !== 'answer' && kind !== 'retry') texts.push(titleAndSummary);
  return texts.map((text) => ({ type: 'text', text }));
}

/** Says which lines a thread is about. The text of the thread begins with their diff. */
function describePlace({ line, startLine, removed, outdated }: ThreadPlace) {
  const lines = startLine === null || startLine === line ? line : `${startLine}-${line}`;
  return {
    lines,
    of: removed ? 'the base, which this pull request removes' : null,
    outdated: outdated ? 'the lines changed since; the numbers are those of an earlier commit' : null,
  };
}
