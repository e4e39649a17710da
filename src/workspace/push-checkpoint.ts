import { asSentence, RunEndedError } from '../runs/outcome.js';
import { RetryLater } from '../runs/retry-later.js';
import { explainGitError } from './explain-git-error.js';
import type { GitStore } from './git-store.js';
import { hostGit } from './host-git.js';
import type { PushInput } from './workspace.js';

/**
 * Commits a checkpoint's tree as the given author and pushes the commit. The function is idempotent: if the
 * commit is already on the branch, it pushes nothing.
 * @returns the id of the pushed commit
 */
export async function pushCheckpoint(
  store: GitStore,
  remote: { url: string; webUrl: string; token: string },
  input: PushInput,
): Promise<string> {
  const commit = await commitTree(store, input);
  const git = () => hostGit({ ...store, credential: { webUrl: remote.webUrl, token: remote.token } });
  const ref = `refs/heads/${input.branch}`;
  try {
    const [found = ''] = (await git().raw('ls-remote', remote.url, ref)).split('\t');
    if (found === commit) return commit;
    // If people deleted the branch, we create it again. If people changed it, we do not overwrite their work.
    if (found !== '' && found !== input.lease) throw changedByOthers(input.branch);
    const lease = `--force-with-lease=${ref}:${found}`;
    await git().raw('push', '--porcelain', lease, remote.url, `${commit}:${ref}`);
    return commit;
  } catch (error) {
    if (error instanceof RunEndedError) throw error;
    throw explainRefusal(error, input.branch) ?? explainGitError(error, 'pushed to');
  }
}

async function commitTree(store: GitStore, input: PushInput): Promise<string> {
  const git = hostGit({
    ...store,
    identity: { ...input.author, date: input.date },
    input: input.message,
  });
  const parents = input.parents.flatMap((parent) => ['-p', parent]);
  return (await git.raw('commit-tree', `${input.checkpoint}^{tree}`, ...parents, '-F', '-')).trim();
}

/** Explains why GitHub rejected a push. Returns null if the error has another cause. */
function explainRefusal(error: unknown, branch: string): RunEndedError | RetryLater | null {
  const text = error instanceof Error ? error.message : String(error);
  // If our process was killed during a push, GitHub may still be processing that push, which locks the ref.
  // RetryLater gives that push time to finish. A conflict between ref names (`pullwright` and
  // `pullwright/issue-1`) causes a similar error, but waiting does not resolve it.
  if (
    /failed to update ref|cannot lock ref/.test(text) &&
    !/cannot create|directory file conflict/.test(text)
  )
    return new RetryLater('another push to the branch is in progress on GitHub');
  if (/stale info|fetch first|non-fast-forward/.test(text)) return changedByOthers(branch);
  if (/workflow/.test(text) && /refus|rejected|without/.test(text))
    return failed(
      'GitHub refused the push: the change contains workflow files, which this App may not write.',
    );
  if (/protected branch|GH006|GH013/.test(text)) return failed(explainRules(text, branch));
  if (/\[remote rejected\]/.test(text))
    return failed(`GitHub refused the push: ${/\[remote rejected\] (.*)/.exec(text)?.[1]?.slice(0, 200)}`);
  return null;
}

const maxRules = 1000;

/** Repeats what GitHub says of the rules that the push breaks: each rule on a line, with its places below. */
function explainRules(text: string, branch: string): string {
  const lines = [...text.matchAll(/^remote:[ \t]*(.*\S)[ \t]*$/gm)].map(([, line = '']) => line);
  const first = lines.findIndex((line) => line.startsWith('- '));
  const rules = lines
    .slice(first)
    .filter((line) => /\p{L}/u.test(line) && !/^(?:\(\?\)|Learn|https?:)/.test(line))
    .map((line) => line.replace(/^- /, ''))
    .join(' ');
  const said = first < 0 ? '' : ` GitHub says: ${asSentence(rules.slice(0, maxRules).trim())}`;
  const page = /Review all repository rules at (\S+)/.exec(text)?.[1];
  const where = page ? ` The rules are at ${page}` : '';
  return `GitHub refused the push: a rule of the repository forbids it for ${branch}.${said} Change the rule, or add this App to its bypass list.${where}`;
}

function changedByOthers(branch: string): RunEndedError {
  return failed(
    `Someone else changed the branch ${branch}, so the push was stopped to keep their work. ` +
      'Rename or delete the branch, then request the work again.',
  );
}

function failed(reason: string): RunEndedError {
  return new RunEndedError({ kind: 'failed', reason: asSentence(reason) });
}
