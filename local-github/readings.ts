import type { Parts } from './parts.js';
import { findEntry, readBlob, resolveCommit } from './read-repository.js';
import { type CheckRun, type Comment, type Issue, isPullRequest, type PullRequest } from './state.js';

/** What a test or demo looks at afterwards. */
export interface Readings {
  /** Comments of the App's bot, oldest first. */
  botComments(fullName: string, number: number): Comment[];
  /** All, closed ones too, oldest first; branch and draft state are in `pull`. */
  pullRequests(fullName: string): (Issue & { pull: PullRequest })[];
  checkRuns(fullName: string): CheckRun[];
  /** @returns null where the branch or commit has no such file */
  readFile(fullName: string, ref: string, path: string): Promise<string | null>;
}

export function createReadings({ app, state }: Parts): Readings {
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
  };
}
