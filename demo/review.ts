import type { Issue, LocalGitHub, PullRequest } from '../local-github/local-github.js';
import type { Stage } from './stage.js';
import { harmless, type Terminal, wrap } from './terminal.js';

type Pull = Issue & { pull: PullRequest };

/** Two remarks: one that is right, and one that contradicts the issue. */
const remarks = [
  {
    among: 'test/*',
    line: 'rounded down',
    body: 'Please also test that a code of 100 percent makes an order free.',
  },
  {
    among: 'src/*',
    line: 'Math\\.floor|percent',
    body: 'I would round half up here: 15 percent of 1999 should take off 300.',
  },
];

/** What ada says of the pull request, at the lines that it is about. */
export async function reviewPullRequest(
  { github }: Stage,
  repository: string,
  { number, pull }: Pull,
): Promise<void> {
  const git = (...args: string[]) => github.git(repository, args);
  const comments = await Promise.all(
    remarks.map(async ({ among, line, body }) => ({
      ...(await findPlace(git, pull, among, line)),
      body,
    })),
  );
  const placed = comments.flatMap(({ path, ...rest }) => (path ? [{ path, ...rest }] : []));
  // Where Claude wrote something else than the recording, there may be no such line.
  const rest = comments.filter(({ path }) => !path).map(({ body }) => body);
  const review = {
    state: 'changes_requested' as const,
    body: ['Good work. Two remarks.', ...rest].join('\n\n'),
    comments: placed,
  };
  const { delivery } = await github.submitReview(repository, number, review, 'ada');
  if (delivery?.statusCode !== 200) throw new Error(`the app did not take the review: ${delivery?.status}`);
}

/** The first line of a changed file that has this in it. */
async function findPlace(
  git: (...args: string[]) => ReturnType<LocalGitHub['git']>,
  { baseSha, headSha }: PullRequest,
  among: string,
  line: string,
): Promise<{ path?: string; line?: number }> {
  const changed = await git('diff', '--name-only', `${baseSha}...${headSha}`, '--', among);
  for (const path of changed.split('\n').filter(Boolean)) {
    const text = await git('show', `${headSha}:${path}`);
    const at = text.split('\n').findIndex((one) => new RegExp(line).test(one));
    if (at >= 0) return { path, line: at + 1 };
  }
  return {};
}

/** Every thread with its answer. */
export function showThreads({ github }: Stage, repository: string, number: number, terminal: Terminal): void {
  const { pull } = github.state.pullRequest(github.state.repository(repository), number);
  for (const { path, line, comments } of pull.threads) {
    terminal.print();
    terminal.print(terminal.dim(`  ${path}${line ? `:${line}` : ''}`));
    for (const { author, body } of comments)
      for (const text of wrap(
        `${terminal.bold(`${author.login}:`)} ${harmless(withoutMarkers(body))}`,
        terminal.width,
        '    ',
      ))
        terminal.print(text);
  }
}

/** What nobody sees on GitHub either. */
function withoutMarkers(body: string): string {
  return body.replace(/<!--[\s\S]*?-->/g, '').trim();
}
