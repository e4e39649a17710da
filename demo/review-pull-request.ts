import type { Issue, LocalGitHub, PullRequest } from '../local-github/local-github.js';
import type { DemoWorld } from './start-demo-world.js';

/** Ada's comments. The first one is right. The second one contradicts the issue. */
const requests = [
  {
    files: 'test/*',
    lines: [/rounded down/],
    body: 'Please also test that a code of 100 percent makes an order free.',
  },
  {
    files: 'src/*',
    lines: [/Math\.floor/, /percent/],
    body: 'I would round half up here: 15 percent of 1999 should take off 300.',
  },
];

/**
 * Submits Ada's review, which requests changes. Each comment is placed at the first line that matches the
 * first of its patterns. If no line matches, the next pattern is tried.
 * @throws Error when the app rejects the delivery
 */
export async function reviewPullRequest(
  { github }: DemoWorld,
  repository: string,
  { number, pull }: Issue & { pull: PullRequest },
): Promise<void> {
  const git = (...args: string[]) => github.git(repository, args);
  const comments = await Promise.all(
    requests.map(async ({ files, lines, body }) => ({
      place: await findLine(git, pull, files, lines),
      body,
    })),
  );
  // If Claude wrote the code, there may be no matching line. The comment then becomes part of the review's
  // body.
  const unplaced = comments.filter(({ place }) => !place).map(({ body }) => body);
  const review = {
    state: 'changes_requested' as const,
    body: ['Good work. Two comments.', ...unplaced].join('\n\n'),
    comments: comments.flatMap(({ place, body }) => (place ? [{ ...place, body }] : [])),
  };
  const { delivery } = await github.submitReview(repository, number, review, 'ada');
  if (delivery?.statusCode !== 200) throw new Error(`the app rejected the delivery: ${delivery?.status}`);
}

async function findLine(
  git: (...args: string[]) => ReturnType<LocalGitHub['git']>,
  { baseSha, headSha }: PullRequest,
  files: string,
  patterns: readonly RegExp[],
): Promise<{ path: string; line: number } | null> {
  const changed = await git('diff', '--name-only', `${baseSha}...${headSha}`, '--', files);
  for (const pattern of patterns)
    for (const path of changed.split('\n').filter(Boolean)) {
      const text = await git('show', `${headSha}:${path}`);
      const index = text.split('\n').findIndex((line) => pattern.test(line));
      if (index >= 0) return { path, line: index + 1 };
    }
  return null;
}
