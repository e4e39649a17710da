import { existsSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gitText, runGit } from './run-git.js';

/** The content that a new repository starts with. */
export interface Import {
  /** Path of a git directory, a work tree or a plain folder to import. A plain folder becomes one commit. */
  from?: string | undefined;
  /** Sha of a commit. If set, only this commit and its ancestors are imported, as the default branch. */
  commit?: string | undefined;
  defaultBranch?: string | undefined;
}

/**
 * Creates a bare repository that git's `http-backend` can serve.
 * @returns the default branch's name
 */
export async function createBareRepository(folder: string, source: Import): Promise<string> {
  await mkdir(folder, { recursive: true });
  await runGit(folder, [
    'init',
    '--quiet',
    '--bare',
    '--initial-branch',
    source.defaultBranch ?? 'main',
    folder,
  ]);
  await configure(folder);
  const branch = source.from
    ? await importFrom(folder, source.from, source)
    : (source.defaultBranch ?? 'main');
  await runGit(folder, ['symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
  return branch;
}

async function configure(folder: string): Promise<void> {
  const settings = {
    'http.receivepack': 'true',
    'receive.fsckObjects': 'true',
    // As on GitHub, clients can fetch `refs/pull/<number>/head` but cannot push to it.
    'receive.hideRefs': 'refs/pull',
    'receive.denyDeletes': 'false',
    'uploadpack.allowFilter': 'true',
    'uploadpack.allowAnySHA1InWant': 'true',
    'gc.auto': '0',
  };
  for (const [name, value] of Object.entries(settings)) await runGit(folder, ['config', name, value]);
  const hook = path.join(folder, 'hooks', 'update');
  await mkdir(path.dirname(hook), { recursive: true });
  await writeFile(hook, refuseWorkflows);
  await chmod(hook, 0o755);
}

/**
 * Git runs this hook for each pushed ref before it updates the ref. If the token lacks the permission
 * `workflows`, the hook refuses commits that change workflow files. `rewriteReport` then replaces git's
 * message with GitHub's message.
 */
const refuseWorkflows = `#!/bin/sh
test "$MAY_CHANGE_WORKFLOWS" = yes && exit 0
case "$3" in *[!0]*) ;; *) exit 0 ;; esac
changed=$(git log --format= --name-only -m "$3" --not --all -- .github/workflows | sort -u | sed -n 1p)
test -z "$changed" && exit 0
echo "workflow:$changed" >&2
exit 1
`;

async function importFrom(folder: string, from: string, source: Import): Promise<string> {
  const gitDir = findGitDir(from);
  if (!gitDir) return commitFolder(folder, from, source.defaultBranch ?? 'main');
  const branch =
    source.defaultBranch ??
    ((await gitText(gitDir, ['symbolic-ref', '--short', 'HEAD'], { accept: [128] })).trim() || 'main');
  if (source.commit) {
    await runGit(folder, ['fetch', '--quiet', '--no-tags', gitDir, `+${source.commit}:refs/heads/${branch}`]);
    return branch;
  }
  await runGit(folder, [
    'fetch',
    '--quiet',
    gitDir,
    '+refs/heads/*:refs/heads/*',
    '+refs/tags/*:refs/tags/*',
  ]);
  return branch;
}

/**
 * Finds the git directory of a repository or work tree.
 * @returns null for a plain folder, even if a parent folder is a repository
 */
function findGitDir(from: string): string | null {
  if (!existsSync(from))
    throw new Error(`local GitHub: expected something to import at ${from}; there is no such folder`);
  const inside = path.join(from, '.git');
  if (existsSync(inside)) return inside;
  return existsSync(path.join(from, 'HEAD')) && existsSync(path.join(from, 'objects')) ? from : null;
}

async function commitFolder(folder: string, from: string, branch: string): Promise<string> {
  const index = path.join(folder, 'import-index');
  const env = {
    GIT_INDEX_FILE: index,
    GIT_WORK_TREE: path.resolve(from),
    ...identity('2026-01-05T09:00:00Z'),
  };
  await runGit(folder, ['-c', 'core.bare=false', 'add', '--all'], { env });
  const tree = (await gitText(folder, ['write-tree'], { env })).trim();
  const commit = (await gitText(folder, ['commit-tree', tree, '-m', 'First version'], { env })).trim();
  await runGit(folder, ['update-ref', `refs/heads/${branch}`, commit]);
  await rm(index, { force: true });
  return branch;
}

/** Returns git's environment variables for the author and the committer of a commit. */
export function identity(
  date: string,
  name = 'Local GitHub',
  email = 'noreply@github.invalid',
): Record<string, string> {
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  };
}
