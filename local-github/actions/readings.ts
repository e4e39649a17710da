import type { Context } from '../context.js';
import { findEntry, readBlob, resolveCommit } from '../git/read-repository.js';
import { gitText } from '../git/run-git.js';
import {
  type CheckRun,
  type Comment,
  type Issue,
  isPullRequest,
  type Notification,
  type PullRequest,
} from '../state.js';

/** Lets tests and demos read the current state of the local GitHub. */
export interface Readings {
  /** Returns the comments that the App's bot wrote on an issue or pull request, oldest first. */
  botComments(fullName: string, number: number): Comment[];
  /**
   * Returns all pull requests, open and closed, oldest first. Their field `pull` contains the branches and
   * the draft state.
   */
  pullRequests(fullName: string): (Issue & { pull: PullRequest })[];
  checkRuns(fullName: string): CheckRun[];
  /** Returns what GitHub has notified a person of, oldest first. */
  notifications(login: string): Notification[];
  /**
   * Reads a file at a branch, tag or commit.
   * @returns the text; null when the ref or the file does not exist
   */
  readFile(fullName: string, ref: string, path: string): Promise<string | null>;
  /**
   * Runs git in the repository's bare git directory.
   * @returns the standard output of git
   * @throws Error with git's error output when the exit code is not 0
   */
  git(fullName: string, args: string[]): Promise<string>;
}

export function createReadings({ app, state }: Context): Readings {
  return {
    botComments: (fullName, number) =>
      state.issue(state.repository(fullName), number).comments.filter(({ author }) => author === app.bot),
    pullRequests: (fullName) => state.repository(fullName).issues.filter(isPullRequest),
    checkRuns: (fullName) => state.repository(fullName).checkRuns,
    notifications: (login) => state.notifications.filter(({ account }) => account.login === login),
    readFile: async (fullName, ref, path) => {
      const { folder } = state.repository(fullName);
      const commit = await resolveCommit(folder, ref);
      const entry = commit && (await findEntry(folder, commit, path));
      return entry ? (await readBlob(folder, entry.sha)).toString() : null;
    },
    git: (fullName, args) => gitText(state.repository(fullName).folder, args),
  };
}
