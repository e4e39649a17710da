import type { GitHub } from '../../github/github.js';
import { mayWrite } from '../../github/has-write-access.js';
import { runIdOf } from '../../runs/run-id-of.js';
import type { Log } from '../../log.js';
import type { Words } from '../../text/old/words.js';
import type { ControlStore, LiveRun } from '../../database/control-store.js';
import type { Run, RunStore } from '../../database/run-store.js';
import { sayCommands, sayStatus } from '../../messages/progress-comment.js';
import { RunEnded, type Settlement } from '../../runs/outcome.js';
import type { Trigger } from '../../task/task.js';
import type { ObeyCommandSteps } from './obey-command.js';
import type { Publisher } from '../run/publisher.js';

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
  'findObjection' | 'stopRuns' | 'reserveRetry' | 'tellStatus' | 'tellCommands' | 'tell'
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
      if (!(error instanceof RunEnded)) throw error;
      log.warn({ delivery: trigger.deliveryId, because: error.message }, 'a command could not be answered');
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

    findObjection: async (trigger) => {
      const { repository, sender } = trigger;
      if (sender.type !== 'User') return `@${sender.login} is not a person`;
      if (trigger.kind === 'control' && trigger.control === 'retry') {
        const obstacle =
          trigger.obstacle ?? (trigger.commentId === null ? await findObstacle(trigger) : null);
        if (obstacle) return obstacle;
      }
      const may = await github.call(repository, `ask what @${sender.login} may do`, (octokit) =>
        mayWrite(octokit, repository, sender),
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
      const because = trigger.kind === 'end' ? trigger.because : `@${trigger.sender.login} stopped it`;
      const keep = trigger.kind === 'control' && /^keep\b/i.test(trigger.words);
      const settlement: Settlement = { kind: 'stopped', because };
      let count = 0;
      for (const run of await control.listLive(await keyOf(trigger))) {
        if (!(await isMeant(trigger, run))) continue;
        count += 1;
        await control.endQueued(run.id, settlement);
        // Looked up instead of remembered: this step may have died between the two.
        const { status } = (await store.findRun(run.id)) ?? run;
        if (status === 'settled' && (await store.findEnd(run.id)) === null) {
          await store.appendEvent(run.id, { type: 'settled', settlement });
          await publisher.showProgress(run.id).catch((error: unknown) => {
            // The issue may be what is gone.
            if (!(error instanceof RunEnded)) throw error;
            log.warn({ run: run.id, because: error.message }, 'a stopped run could not be shown');
          });
        } else {
          await control.requestStop(run.id, { because, keep });
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
      const fromScratch = trigger.kind === 'control' && trigger.words !== '';
      // What was ended before it was done goes on; what was done is done anew.
      const goesOn =
        !fromScratch && latest.story === 'implement-issue' && latest.settlement?.kind !== 'pull-request';
      const again: Trigger = {
        ...latest.trigger,
        deliveryId: trigger.deliveryId,
        sender: trigger.sender,
        at: trigger.at,
        obstacle: null,
        resume: goesOn ? latest.id : null,
      };
      const id = runIdOf(trigger.deliveryId);
      const reserved = await store.reserveRun(id, again, latest.story, latest.issueNumber);
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
      await tell(trigger, (words) => sayStatus(latest, events, { ahead, link }, words));
    },

    tellCommands: (trigger) => tell(trigger, sayCommands),
  };
}
