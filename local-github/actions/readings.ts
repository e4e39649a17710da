import type { Context } from '../context.js';
import { findEntry, readBlob, resolveCommit } from '../git/read-repository.js';
import { gitText } from '../git/run-git.js';
import { type CheckRun, type Comment, type Issue, isPullRequest, type PullRequest } from '../state.js';

/** What a test or a demo reads afterwards. */
export interface Readings {
  /** The comments of the App's bot, oldest first. */
  botComments(fullName: string, number: number): Comment[];
  /**
   * All pull requests, open and closed, oldest first. The field `pull` has their branches and draft state.
   */
  pullRequests(fullName: string): (Issue & { pull: PullRequest })[];
  checkRuns(fullName: string): CheckRun[];
  /** @returns null when the branch or commit has no such file */
  readFile(fullName: string, ref: string, path: string): Promise<string | null>;
  /**
   * Runs git in the repository's bare folder.
   * @returns its standard output
   * @throws Error with git's message when the exit code is not 0
   */
  git(fullName: string, args: string[]): Promise<string>;
}

export function createReadings({ app, state }: Context): Readings {
  return {
    botComments: (fullName, number) =>
      state.issue(state.repository(fullName), number).comments.filter(({ author }) => author === app.bot),
    pullRequests: (fullName) => state.repository(fullName).issues.filter(isPullRequest),
    checkRuns: (fullName) => state.repository(fullName).checkRuns,
    readFile: async (fullName, ref, path) => {
      const { folder } = state.repository(fullName);
      const commit = await resolveCommit(folder, ref);
      const entry = commit && (await findEntry(folder, commit, path));
      return entry ? (await readBlob(folder, entry.sha)).toString() : null;
    },
    git: (fullName, args) => gitText(state.repository(fullName).folder, args),
  };
}
