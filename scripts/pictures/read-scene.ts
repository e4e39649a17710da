import type { DemoWorld } from '../../demo/start-demo-world.js';
import { runGit } from '../../local-github/git/run-git.js';
import type { Issue, PullRequest, ReviewThread } from '../../local-github/state.js';
import type { DiffLine, Post, Review, Scene, Thread } from './scene.js';

/** Number of code lines that a thread shows, as on GitHub. */
const contextLines = 4;

/** Reads the content of the web pages of an issue and its pull request from the local GitHub. */
export async function readScene(
  { github }: DemoWorld,
  repository: string,
  numbers: { issue: number; pull: number },
): Promise<Scene> {
  const stored = github.state.repository(repository);
  const issue = github.state.issue(stored, numbers.issue);
  const pull = github.state.pullRequest(stored, numbers.pull);
  const check = stored.checkRuns.findLast((one) => one.headSha === pull.pull.headSha);
  return {
    at: new Date(),
    issue: {
      number: issue.number,
      title: issue.title,
      post: postOf(issue),
      labeled: issue.events.flatMap(({ event, actor, label, createdAt }) =>
        event === 'labeled' && label
          ? [{ actor: actor.login, label: label.name, at: new Date(createdAt) }]
          : [],
      ),
      comments: issue.comments.map((comment) => ({
        author: comment.author.login,
        body: comment.body,
        at: new Date(comment.createdAt),
        edited: comment.updatedAt !== comment.createdAt,
      })),
    },
    pull: {
      number: pull.number,
      title: pull.title,
      post: postOf(pull),
      draft: pull.pull.draft,
      head: pull.pull.head,
      base: pull.pull.base,
      ...(await readChange(stored.folder, pull.pull)),
      review: await readReview(stored.folder, pull.pull),
      check: check
        ? {
            name: check.name,
            conclusion: check.conclusion ?? check.status,
            title: check.output.title ?? '',
          }
        : null,
    },
  };
}

function postOf({ author, body, createdAt, editedAt }: Issue): Post {
  return { author: author.login, body: body ?? '', at: new Date(createdAt), edited: editedAt !== null };
}

async function readChange(folder: string, { baseSha, headSha }: PullRequest) {
  const log = await git(folder, ['log', '--reverse', '--format=%H%x00%cI%x00%s', `${baseSha}..${headSha}`]);
  const commits = log.map((line) => {
    const [sha = '', at = '', subject = ''] = line.split('\0');
    return { sha, subject, at: new Date(at) };
  });
  const counts = await git(folder, ['diff', '--numstat', `${baseSha}...${headSha}`]);
  const sum = (column: number) =>
    counts.reduce((total, line) => total + (Number(line.split('\t')[column]) || 0), 0);
  return { commits, files: counts.length, additions: sum(0), deletions: sum(1) };
}

/**
 * Reads the first review by a person, with its threads.
 * @returns null when there is none
 */
async function readReview(folder: string, pull: PullRequest): Promise<Review | null> {
  const review = pull.reviews.find(({ author }) => author.type === 'User');
  if (!review) return null;
  const threads = pull.threads.filter((thread) => thread.reviewId === review.id);
  return {
    author: review.author.login,
    body: review.body ?? '',
    at: new Date(review.submittedAt),
    edited: false,
    requestsChanges: review.state === 'changes_requested',
    threads: await Promise.all(threads.map((thread) => readThread(folder, pull.baseSha, thread))),
  };
}

async function readThread(folder: string, baseSha: string, thread: ReviewThread): Promise<Thread> {
  const range = [`${baseSha}...${thread.commit}`, '--', thread.path];
  const diff = parseDiff(await git(folder, ['diff', '--unified=3', ...range]));
  const end = diff.findIndex(({ after }) => after === thread.line);
  return {
    path: thread.path,
    lines: end < 0 ? [] : diff.slice(Math.max(0, end + 1 - contextLines), end + 1),
    comments: thread.comments.map(({ author, body, createdAt }) => ({
      author: author.login,
      body,
      at: new Date(createdAt),
      edited: false,
    })),
  };
}

/** Parses the diff of one file into numbered lines. */
function parseDiff(diff: readonly string[]): DiffLine[] {
  const lines: DiffLine[] = [];
  let before = 0;
  let after = 0;
  for (const line of diff.slice(diff.findIndex((one) => one.startsWith('@@')))) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line);
    if (hunk) {
      before = Number(hunk[1]);
      after = Number(hunk[2]);
      continue;
    }
    const sign = line[0] ?? ' ';
    if (sign === '\\') continue;
    lines.push({
      sign,
      before: sign === '+' ? null : before++,
      after: sign === '-' ? null : after++,
      text: line.slice(1),
    });
  }
  return lines;
}

async function git(folder: string, args: string[]): Promise<string[]> {
  const output = (await runGit(folder, args)).toString('utf8');
  return output.split('\n').filter((line, index, all) => line !== '' || index < all.length - 1);
}
