import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { identity } from './create-bare-repository.js';
import { resolveCommit } from './read-repository.js';
import { gitText, runGit } from './run-git.js';

export interface FileCommit {
  branch: string;
  /** Maps each path to its new text. Null deletes the file. */
  files: Record<string, string | null>;
  message: string;
  author: { login: string; date: string };
}

/**
 * Commits files to a branch as a person. A new branch starts at the head of the default branch.
 * @returns the commit's sha
 */
export async function commitFiles(
  folder: string,
  defaultBranch: string,
  change: FileCommit,
): Promise<string> {
  const parent =
    (await resolveCommit(folder, `heads/${change.branch}`)) ??
    (await resolveCommit(folder, `heads/${defaultBranch}`));
  const index = path.join(folder, `commit-index-${randomUUID()}`);
  const { login, date } = change.author;
  const env = { GIT_INDEX_FILE: index, ...identity(date, login, `${login}@example.com`) };
  try {
    if (parent) await runGit(folder, ['read-tree', parent], { env });
    for (const [file, content] of Object.entries(change.files)) {
      if (content === null) {
        await runGit(folder, ['update-index', '--force-remove', file], { env });
        continue;
      }
      const blob = (await gitText(folder, ['hash-object', '-w', '--stdin'], { input: content })).trim();
      await runGit(folder, ['update-index', '--add', '--cacheinfo', `100644,${blob},${file}`], { env });
    }
    const tree = (await gitText(folder, ['write-tree'], { env })).trim();
    const parents = parent ? ['-p', parent] : [];
    const commit = (
      await gitText(folder, ['commit-tree', tree, ...parents], { env, input: change.message })
    ).trim();
    await runGit(folder, ['update-ref', `refs/heads/${change.branch}`, commit]);
    return commit;
  } finally {
    await rm(index, { force: true });
  }
}

/**
 * Merges a commit into a branch, like the merge button on GitHub.
 * @returns the merge commit's sha
 * @throws Error when the branch does not exist or conflicts with the commit
 */
export async function mergeBranch(
  folder: string,
  base: string,
  headSha: string,
  message: string,
  author: { login: string; date: string },
): Promise<string> {
  const baseSha = await resolveCommit(folder, `heads/${base}`);
  if (!baseSha) throw new Error(`local GitHub: expected a branch ${base} to merge into; there is none`);
  const tree = (await gitText(folder, ['merge-tree', '--write-tree', baseSha, headSha])).trim();
  const commit = await gitText(folder, ['commit-tree', tree, '-p', baseSha, '-p', headSha], {
    env: identity(author.date, author.login, `${author.login}@example.com`),
    input: message,
  });
  await runGit(folder, ['update-ref', `refs/heads/${base}`, commit.trim()]);
  return commit.trim();
}
