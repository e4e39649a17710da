import { listFiles, readFile } from '../git-store.js';
import { hostGit } from '../host-git.js';
import { findMergeBase } from '../merge-branches.js';
import type { Mirror } from '../workspace.js';
import { isOnlyMerged } from './is-only-merged.js';

const defaultMaxBytes = 256 * 1024;

/** @param gitDir path of the bare repository, which may not exist yet */
export function openMirror(gitDir: string): Mirror {
  const git = () => hostGit({ gitDir });
  return {
    folder: gitDir,

    isEmpty: async () => (await git().raw('for-each-ref', '--count=1', 'refs/heads')) === '',

    resolve: async (branch) => {
      const format = '--format=%(objectname) %(committerdate:iso-strict)';
      const found = await git().raw('for-each-ref', format, `refs/heads/${branch}`);
      const [, commit, committedAt] = /^([0-9a-f]{40,64}) (\S+)\n$/.exec(found) ?? [];
      return commit && committedAt ? { commit, committedAt } : null;
    },

    readFile: (commit, file, maxBytes = defaultMaxBytes) => readFile({ gitDir }, commit, file, maxBytes),

    listFiles: (commit, only) => listFiles({ gitDir }, commit, only),

    findClosingCommit: async (commit, issue) => {
      const keywords = 'close[sd]?|fix(e[sd])?|resolve[sd]?';
      const found = await git().raw(
        'log',
        '--max-count=1',
        '--format=%H',
        '--extended-regexp',
        '--regexp-ignore-case',
        `--grep=(^|[^a-z])(${keywords}):? +#${issue}([^0-9]|$)`,
        commit,
      );
      return found.trim() || null;
    },

    findMergeBase: (one, other) => findMergeBase({ gitDir, alternates: [] }, one, other),

    isOnlyMerged: (from, to, base) => isOnlyMerged({ gitDir, alternates: [] }, from, to, base),
  };
}
