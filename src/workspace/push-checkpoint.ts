import { RunEndedError } from '../runs/outcome.js';
import { RetryLater } from '../runs/retry-later.js';
import { explainGitError } from './explain-git-error.js';
import { hostGit } from './host-git.js';
import type { Store } from './read-changes.js';
import type { PushInput } from './workspace.js';

/** Commits a checkpoint's tree as the bot, and pushes it; a second time finds it done. */
export async function pushCheckpoint(
  store: Store,
  remote: { url: string; webUrl: string; token: string },
  input: PushInput,
): Promise<string> {
  const identity = { ...input.author, date: input.date };
  const tree = `${input.checkpoint}^{tree}`;
  const commit = (
    await hostGit({ ...store, identity, input: input.message }).raw(
      'commit-tree',
      tree,
      ...input.parents.flatMap((parent) => ['-p', parent]),
      '-F',
      '-',
    )
  ).trim();

  const credential = { webUrl: remote.webUrl, token: remote.token };
  const git = () => hostGit({ ...store, credential });
  const ref = `refs/heads/${input.branch}`;
  try {
    const [found = ''] = (await git().raw('ls-remote', remote.url, ref)).split('\t');
    if (found === commit) return commit;
    // A branch that people deleted may be made again; one that they wrote to is theirs.
    if (found !== '' && found !== input.lease) throw changedByOthers(input.branch);
    await git().raw(
      'push',
      '--porcelain',
      `--force-with-lease=${ref}:${found}`,
      remote.url,
      `${commit}:${ref}`,
    );
    return commit;
  } catch (error) {
    if (error instanceof RunEndedError) throw error;
    throw explainRefusal(error, input.branch) ?? explainGitError(error, 'pushed to');
  }
}

function explainRefusal(error: unknown, branch: string): RunEndedError | RetryLater | null {
  const text = error instanceof Error ? error.message : String(error);
  // An earlier push, of a process that was killed in the middle of it, still has the ref; the next look finds it done.
  // A branch that is in the way by its name (`pullwright` itself) stays there.
  if (
    /failed to update ref|cannot lock ref/.test(text) &&
    !/cannot create|directory file conflict/.test(text)
  )
    return new RetryLater('GitHub is in the middle of another push to the branch');
  if (/stale info|fetch first|non-fast-forward/.test(text)) return changedByOthers(branch);
  if (/workflow/.test(text) && /refus|rejected|without/.test(text))
    return failed('GitHub refused the push: the change touches workflow files, which this App may not write');
  if (/protected branch|GH006|GH013/.test(text))
    return failed(`GitHub refused the push: ${branch} is protected by a rule of the repository`);
  if (/\[remote rejected\]/.test(text))
    return failed(`GitHub refused the push: ${/\[remote rejected\] (.*)/.exec(text)?.[1]?.slice(0, 200)}`);
  return null;
}

function changedByOthers(branch: string): RunEndedError {
  return failed(
    `the branch ${branch} was changed by someone else, and their work is not overwritten; rename or delete the branch, then ask again`,
  );
}

function failed(reason: string): RunEndedError {
  return new RunEndedError({ kind: 'failed', reason });
}
