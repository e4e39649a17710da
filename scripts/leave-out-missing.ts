import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const maxBuffer = 256 * 1024 * 1024;

/**
 * A snapshot of a repository can lack its largest files. This function makes a commit without them, because
 * git cannot check out the original one.
 * @returns the new commit and the paths that it lacks; the given commit and [] if nothing is missing
 */
export async function leaveOutMissing(
  gitDir: string,
  commit: string,
): Promise<{ commit: string; files: string[] }> {
  const index = path.join(gitDir, 'index-without-missing');
  const git = async (...words: string[]) => {
    // Git wants a work tree for changes of an index, even if it does not touch any file.
    const env = { ...identity, GIT_DIR: gitDir, GIT_WORK_TREE: gitDir, GIT_INDEX_FILE: index };
    const { stdout } = await run('git', words, { maxBuffer, env: { ...process.env, ...env } });
    return stdout;
  };
  const objects = await git('rev-list', '--objects', '--missing=print', '--no-walk', commit);
  const missing = new Set(objects.split('\n').flatMap((line) => /^\?(\w+)/.exec(line)?.[1] ?? []));
  if (missing.size === 0) return { commit, files: [] };
  const entries = (await git('ls-tree', '-r', '-z', commit)).split('\0');
  const files = entries.flatMap((entry) => {
    const [, id = '', file = ''] = /^\d+ blob (\w+)\t(.+)$/s.exec(entry) ?? [];
    return missing.has(id) ? [file] : [];
  });
  await git('read-tree', commit);
  for (const file of files) await git('update-index', '--force-remove', '--', file);
  const tree = (await git('write-tree', '--missing-ok')).trim();
  const made = await git('commit-tree', tree, '-p', commit, '-m', 'Leave out missing files');
  return { commit: made.trim(), files };
}

const identity = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((role) => [
    [`GIT_${role}_NAME`, 'try-repository'],
    [`GIT_${role}_EMAIL`, 'try-repository@localhost'],
  ]),
);
