import type { Outcome } from '../runs/outcome.js';
import type { IssueKey, Run } from '../runs/run.js';
import type { Trigger } from '../task/task.js';
import * as looks from './ci-looks.js';
import * as deliveries from './deliveries.js';
import * as issues from './issues.js';
import * as questions from './open-questions.js';
import type { Queryable } from './queryable.js';
import * as runs from './runs.js';
import * as stops from './stops.js';

export type { LiveRun } from './runs.js';
export { Stop } from './stops.js';

export type ControlStore = ReturnType<typeof openControlStore>;

/** Delegates to ci-looks.ts, deliveries.ts, issues.ts, open-questions.ts, runs.ts and stops.ts. */
export function openControlStore(db: Queryable) {
  return {
    findLookedAt: (key: IssueKey, headSha: string, butFor: string | null = null) =>
      looks.findLookedAt(db, key, headSha, butFor),
    countRunsForChecks: (key: IssueKey) => looks.countRunsForCiFailures(db, key),

    findOpenQuestion: (key: IssueKey) => questions.findOpenQuestion(db, key),
    isAsking: (key: IssueKey) => questions.isAsking(db, key),
    isMoreOfAnswer: (trigger: Trigger) => questions.continuesAnswer(db, trigger),
    findAskedPlace: (key: IssueKey, id: string) => questions.findAskedPlace(db, key, id),
    listUnanswered: async (remindAfterMs: number, closeAfterMs: number) =>
      (await questions.listUnansweredQuestions(db, remindAfterMs, closeAfterMs)).map(({ runId, action }) => ({
        id: runId,
        what: action,
      })),
    markReminded: (id: string, what: 'remind' | 'close') =>
      what === 'close' ? questions.closeQuestion(db, id) : questions.markReminded(db, id),

    /**
     * Whether a trigger is about something of ours, as far as the database knows: most comments, reviews and checks of
     * a repository are not.
     */
    async isOurs(trigger: Trigger): Promise<boolean> {
      if (trigger.kind === 'label' && !trigger.onPullRequest) return true;
      if (trigger.kind === 'command') return true;
      // Also where nothing runs: what is to be stopped may be on its way to a run, and people are to hear that there is nothing.
      if (trigger.kind === 'control' && !trigger.onPullRequest) return true;
      // Kept also where nothing runs: what it ends may be delivered after it, or be on its way to a run.
      if (trigger.kind === 'end' && !trigger.onPullRequest) return true;
      const number = await this.findIssue(trigger);
      if (number === null) return false;
      const key = { repositoryId: trigger.repository.id, number };
      // A commit that people put on top is theirs to look at.
      if (trigger.kind === 'ci-failure') return this.isOwnCommit(key, trigger.headSha);
      if (trigger.kind === 'end') return (await this.listLive(key)).length > 0;
      if (trigger.kind === 'answer')
        return (
          (await this.findOpenQuestion(key)) !== null ||
          (await this.isAsking(key)) ||
          (await this.isMoreOfAnswer(trigger))
        );
      return runs.hasRuns(db, key);
    },

    findIssue: (trigger: Trigger) => issues.findIssue(db, trigger),
    isOwnCommit: (key: IssueKey, commit: string) => issues.isOwnCommit(db, key, commit),

    wasBrokenOff: (key: IssueKey) => runs.wasCutShort(db, key),
    findRunOf: (deliveryId: string) => runs.findRunOfDelivery(db, deliveryId),
    findAsker: (key: IssueKey) => runs.findRequester(db, key),
    listLive: (key: IssueKey) => runs.listLiveRuns(db, key),
    findLatest: (key: IssueKey, but: string | null = null) => runs.findLatestRun(db, key, but),
    listEarlier: (key: IssueKey, id: string) => runs.listEarlierRuns(db, key, id),
    listBrokenOff: () => runs.listCrashedRuns(db, 'work-on-run'),
    endQueued: (id: string, outcome: Outcome) => runs.settleQueuedRun(db, id, outcome),

    wasEndedSince: (trigger: Trigger) => deliveries.wasCancelledSince(db, trigger),
    findStopSince: (run: Run) => deliveries.findStopSince(db, run),

    requestStop: (id: string, stop: stops.Stop) => stops.requestStop(db, id, stop),
    readStops: (ids: readonly string[]) => stops.readStops(db, ids),
  };
}
