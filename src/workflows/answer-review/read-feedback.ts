import { hasWriteAccess } from '../../github/permissions.js';
import { type ReadThread, readReview } from '../../github/reviews.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { Run } from '../../runs/run.js';
import type { Repository, Thread, Trigger } from '../../task/task.js';
import { sanitizeText } from '../../text/sanitize.js';
import { hasRequest } from '../accept-trigger/has-request.js';
import type { Dependencies } from '../dependencies.js';
import { findReferences } from '../run/images/find-references.js';
import type { ReadFeedback } from './feedback.js';
import { joinReviews } from './join-reviews.js';
import { readCiFailures } from './read-ci-failures.js';

const maxCharacters = 8000;

/**
 * Reads the feedback that a run must work on.
 * @throws RunEndedError when the feedback was deleted or no longer requests anything
 */
export async function readFeedback(d: Dependencies, run: Run): Promise<ReadFeedback> {
  const { trigger } = run;
  const author = trigger.sender.login;
  switch (trigger.kind) {
    case 'review':
      return readReviewFeedback(d, trigger, await joinReviews(d, run));
    case 'command':
    case 'answer': {
      const { text, hidden } = sanitizeText(trigger.instructions, maxCharacters);
      const where = trigger.kind === 'command' ? 'the command' : 'the answer';
      return {
        value: { ...nothing, kind: trigger.kind, author, instructions: text },
        hidden: hidden.map((kind) => `${kind} in ${where}`),
        images: findReferences(trigger.instructions, 'feedback', where),
      };
    }
    case 'ci-failure':
      return readCiFailures(d, run, trigger.headSha);
    case 'conflict':
      return { value: { ...nothing, kind: 'conflict' }, hidden: [], images: [] };
    default:
      throw new Error(`a trigger of the kind ${trigger.kind} has no feedback`);
  }
}

const nothing = { author: null, instructions: '', threads: [], checks: [], notes: [] };

async function readReviewFeedback(
  { github }: Dependencies,
  { repository, issue, sender }: Extract<Trigger, { kind: 'review' }>,
  reviewIds: readonly number[],
): Promise<ReadFeedback> {
  const review = await readReview(github, repository, issue.number, reviewIds);
  if (!review) throw stopped('The review is gone.');
  if (review.state === 'dismissed') throw stopped('The review was dismissed.');
  const { login: bot } = await github.bot();
  const open = review.threads.filter((thread) => !wasResolvedByPeople(thread, bot));
  if (!hasRequest({ ...review, threads: open })) throw stopped('The review no longer asks for anything.');
  const hidden = new Set<string>();
  const clean = (raw: string, where: string) => {
    const { text, hidden: kinds } = sanitizeText(raw, maxCharacters);
    for (const kind of kinds) hidden.add(`${kind} in ${where}`);
    return text;
  };
  // The agent gets only comments of the reviewer, of the bot, and of others with write access.
  const mayWrite = await findWriters({ github }, repository, open, new Set([bot, sender.login]));
  const counted = open.map(({ comments }, index) =>
    comments.filter(({ author, inReview }) => {
      if (inReview || mayWrite.has(author)) return true;
      hidden.add(`a comment by ${author}, who has no write access, in thread ${index + 1}`);
      return false;
    }),
  );
  const threads = open.map(
    ({ id, path, place }, index): Thread => ({
      id,
      path,
      place: { ...place, hunk: shortenHunk(place.hunk) },
      comments: (counted[index] ?? []).map(({ author, body }) => ({
        author,
        body: clean(body, 'a comment in the review'),
      })),
    }),
  );
  const images = [
    ...findReferences(review.body, 'feedback', 'the review'),
    ...counted.flatMap((comments, index) =>
      comments
        .filter(({ author }) => author !== bot)
        .flatMap(({ body }) => findReferences(body, 'feedback', `thread ${index + 1}`)),
    ),
  ];
  const instructions = clean(review.body, 'the review');
  return {
    value: { ...nothing, kind: 'review', author: sender.login, instructions, threads },
    hidden: [...hidden],
    images,
  };
}

/** @returns the authors in the threads who may write, together with those who are known to */
async function findWriters(
  { github }: Pick<Dependencies, 'github'>,
  repository: Repository,
  threads: readonly ReadThread[],
  known: ReadonlySet<string>,
): Promise<Set<string>> {
  const writers = new Set(known);
  const others = new Set(threads.flatMap(({ comments }) => comments.map(({ author }) => author)));
  for (const login of [...others].filter((one) => !known.has(one)).slice(0, maxOthers))
    if (await hasWriteAccess(github, repository, { login })) writers.add(login);
  return writers;
}

const maxOthers = 20;
const maxHunkLines = 20;
const maxHunkLine = 300;

/** Keeps the last lines of a hunk, which are next to the comment. A minified file has very long lines. */
function shortenHunk(hunk: string): string {
  const [header = '', ...lines] = hunk.split('\n').map((line) => line.slice(0, maxHunkLine).toWellFormed());
  const cut = lines.length > maxHunkLines ? ['…', ...lines.slice(-maxHunkLines)] : lines;
  return [header, ...cut].join('\n');
}

/**
 * Returns whether people resolved a thread of this review, which means that they no longer want the change.
 * Returns false for every thread that began before the review. People may have resolved such a thread before
 * the review, because a new reply does not reopen a thread.
 */
function wasResolvedByPeople({ resolvedBy, comments }: ReadThread, bot: string): boolean {
  return resolvedBy !== null && `${resolvedBy}[bot]` !== bot && comments[0]?.inReview === true;
}

function stopped(reason: string): RunEndedError {
  return new RunEndedError({ kind: 'stopped', reason });
}
