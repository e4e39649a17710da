import type { ControlStore, LiveRun } from '../../database/control-store.js';
import type { Run, RunStore } from '../../database/run-store.js';
import type { GitHub } from '../../github/github.js';
import { hasWriteAccess } from '../../github/has-write-access.js';
import type { Log } from '../../log.js';
import { renderHelp, renderStatus } from '../../messages/progress-comment.js';
import { type Outcome, RunEndedError } from '../../runs/outcome.js';
import { runIdOf } from '../../runs/run-id-of.js';
import type { Trigger } from '../../task/task.js';
import type { Words } from '../../text/old/words.js';
import type { Publisher } from '../run/publisher.js';
import type { ObeyCommandSteps } from './obey-command.js';

interface Parts {
  store: RunStore;
  control: ControlStore;
  github: GitHub;
  publisher: Publisher;
  /** Has a run that waits look at once whether it is to go on. */
  wake: (runId: string) => Promise<void>;
  log: Log;
}

/** GitHub's times have whole seconds, and what a delivery says of an issue is of when it was made. */
const nearMs = 2000;

/** Deliveries may come days late: what was asked for after them they do not mean. */
function isLaterThan(asked: Trigger, word: Trigger): boolean {
  return Date.parse(asked.at) > Date.parse(word.at) + nearMs;
}

type Own = Pick<
  ObeyCommandSteps,
  'findRefusalReason' | 'stopRuns' | 'reserveRetry' | 'tellStatus' | 'tellCommands' | 'tell'
>;

export function createObeyCommandSteps({ store, control, github, publisher, wake, log }: Parts): Own {
  const keyOf = async (trigger: Trigger) => ({
    repositoryId: trigger.repository.id,
    number: (await control.findIssue(trigger)) ?? trigger.issue.number,
  });
  const findLatest = async (trigger: Trigger): Promise<Run | null> => {
    const id = await control.findLatest(await keyOf(trigger));
    return id ? store.findRun(id) : null;
  };
  /** A word that cannot be written where it was asked for (locked, gone) is in the log. */
  const tell = async (trigger: Trigger, say: (words: Words) => string) => {
    try {
      await publisher.reply(trigger, say);
    } catch (error) {
      if (!(error instanceof RunEndedError)) throw error;
      log.warn({ delivery: trigger.deliveryId, reason: error.message }, 'a command could not be answered');
    }
  };
  const isMeant = async (trigger: Trigger, { id, status }: LiveRun) => {
    const asked = (await store.findRun(id))?.trigger;
    if (!asked || isLaterThan(asked, trigger)) return false;
    if (trigger.kind !== 'end' || trigger.label === null) return true;
    return (
      status === 'queued' &&
      asked.kind === 'label' &&
      asked.label.toLowerCase() === trigger.label.toLowerCase()
    );
  };

  /** A button's delivery says nothing of the issue. */
  const findObstacle = async (trigger: Trigger) => {
    const { repository } = trigger;
    const { number } = await keyOf(trigger);
    const { data } = await github.call(repository, 'read the issue', (octokit) =>
      octokit.rest.issues.get({ owner: repository.owner, repo: repository.name, issue_number: number }),
    );
    return data.state === 'open' ? null : 'the issue is closed; reopen it first';
  };

  return {
    tell: (trigger, text) => tell(trigger, () => text),

    findRefusalReason: async (trigger) => {
      const { repository, sender } = trigger;
      if (sender.type !== 'User') return `@${sender.login} is not a person`;
      if (trigger.kind === 'control' && trigger.control === 'retry') {
        const refusalReason =
          trigger.refusalReason ?? (trigger.commentId === null ? await findObstacle(trigger) : null);
        if (refusalReason) return refusalReason;
      }
      const may = await github.call(repository, `ask what @${sender.login} may do`, (octokit) =>
        hasWriteAccess(octokit, repository, sender),
      );
      if (may) return null;
      // Whoever asked for a run may take it back, also when they may no longer write.
      const latest =
        trigger.kind === 'control' && trigger.control === 'stop' ? await findLatest(trigger) : null;
      return latest?.trigger.sender.id === sender.id
        ? null
        : `@${sender.login} may not write to this repository; someone who may has to ask for it`;
    },

    stopRuns: async (trigger) => {
      const reason = trigger.kind === 'end' ? trigger.reason : `@${trigger.sender.login} stopped it`;
      const keep = trigger.kind === 'control' && /^keep\b/i.test(trigger.instructions);
      const outcome: Outcome = { kind: 'stopped', reason };
      let count = 0;
      for (const run of await control.listLive(await keyOf(trigger))) {
        if (!(await isMeant(trigger, run))) continue;
        count += 1;
        await control.endQueued(run.id, outcome);
        // Looked up instead of remembered: this step may have died between the two.
        const { status } = (await store.findRun(run.id)) ?? run;
        if (status === 'settled' && (await store.findEnd(run.id)) === null) {
          await store.appendEvent(run.id, { type: 'settled', outcome });
          await publisher.showProgress(run.id).catch((error: unknown) => {
            // The issue may be what is gone.
            if (!(error instanceof RunEndedError)) throw error;
            log.warn({ run: run.id, reason: error.message }, 'a stopped run could not be shown');
          });
        } else {
          await control.requestStop(run.id, { reason, keep });
          await wake(run.id);
        }
      }
      return count;
    },

    reserveRetry: async (trigger) => {
      const latest = await findLatest(trigger);
      if (!latest) return { refusal: 'There is no run here that could be tried again.' };
      if (isLaterThan(latest.trigger, trigger))
        return { refusal: 'Something else was asked for here since then; `/retry` again, if that is meant.' };
      if (latest.status !== 'settled' && latest.trigger.deliveryId !== trigger.deliveryId)
        return { refusal: 'A run is going on here; `/stop` ends it.' };
      const fromScratch = trigger.kind === 'control' && trigger.instructions !== '';
      // What was ended before it was done goes on; what was done is done anew.
      const goesOn =
        !fromScratch && latest.workflow === 'implement-issue' && latest.outcome?.kind !== 'pull-request';
      const again: Trigger = {
        ...latest.trigger,
        deliveryId: trigger.deliveryId,
        sender: trigger.sender,
        at: trigger.at,
        refusalReason: null,
        resume: goesOn ? latest.id : null,
      };
      const id = runIdOf(trigger.deliveryId);
      const reserved = await store.reserveRun(id, again, latest.workflow, latest.issueNumber);
      if ('busyWith' in reserved) return { refusal: 'A run is going on here; `/stop` ends it.' };
      await store.appendEvent(id, {
        type: 'accepted',
        by: trigger.sender.login,
        trigger: `/retry of run ${latest.id}`,
      });
      return reserved;
    },

    tellStatus: async (trigger) => {
      const latest = await findLatest(trigger);
      if (!latest) return tell(trigger, () => 'Nothing was ever started here. `/implement` does.');
      const { issue, repository } = latest.trigger;
      const { progressCommentId } = await store.readIssue({
        repositoryId: repository.id,
        number: issue.number,
      });
      const link = progressCommentId && issue.url ? `${issue.url}#issuecomment-${progressCommentId}` : null;
      const ahead = latest.status === 'queued' ? await store.countAhead(latest.id) : 0;
      const events = await store.readEvents(latest.id);
      await tell(trigger, (words) => renderStatus(latest, events, { ahead, link }, words));
    },

    tellCommands: (trigger) => tell(trigger, renderHelp),
  };
}
