import type { ControlStore } from '../../database/control-store.js';
import type { GitHub } from '../../github/github.js';
import { hasWriteAccess } from '../../github/has-write-access.js';
import { isRetracted } from '../../github/is-retracted.js';
import { readReview } from '../../github/read-review.js';
import { readSettingsText } from '../../github/read-settings-text.js';
import type { Log } from '../../log.js';
import { RunEndedError } from '../../runs/outcome.js';
import { RetryLater } from '../../runs/retry-later.js';
import { agentOfLabel } from '../../task/agent-of-label.js';
import { namesLabel } from '../../task/settings.js';
import type { Trigger } from '../../task/task.js';
import {
  type CiFailureTrigger,
  type JudgeDependencies,
  shouldFixCi,
} from '../answer-review/judge-ci-failure.js';
import { hasRequest } from './has-request.js';

interface Parts {
  github: GitHub;
  control: ControlStore;
  config: JudgeDependencies['config'];
  /** The operator's map, label -> agent. */
  labels: Readonly<Record<string, string>>;
  log: Log;
  now: () => Date;
}

/** By then a label may be off again, and a comment gone. */
const lateMs = 60_000;

/** Tells what nobody asked of the bot from what it has to answer, were it with a no. */
export function createIsRelevant({
  github,
  control,
  config,
  labels,
  log,
  now,
}: Parts): (trigger: Trigger) => Promise<boolean> {
  /** Only what comes late, or behind its own end, is asked about: the usual delivery is here in a second. */
  const wasRetractedMeanwhile = async (trigger: Trigger) => {
    const late = now().getTime() - Date.parse(trigger.at) >= lateMs;
    if (!late && !(await control.wasEndedSince(trigger))) return false;
    try {
      return await github.call(trigger.repository, 'see whether it is still asked for', (octokit) =>
        isRetracted(octokit, trigger),
      );
    } catch (error) {
      if (!(error instanceof RunEndedError)) throw error;
      // Whatever is in the way is found, and said, by the steps behind this one.
      log.warn({ delivery: trigger.deliveryId, reason: error.message }, 'a late trigger was taken unseen');
      return false;
    }
  };

  const isMapped = async ({ repository, deliveryId }: Trigger, label: string) => {
    if (agentOfLabel(labels, label) !== null) return true;
    try {
      // Labels that no operator mapped may be mapped by the repository itself, on its default branch.
      const text = await github.call(repository, "read the repository's settings", (octokit) =>
        readSettingsText(octokit, repository),
      );
      return text !== null && namesLabel(text, label);
    } catch (error) {
      if (!(error instanceof RunEndedError)) throw error;
      // Most labels are nobody's: to answer each of them would be noise.
      log.error({ delivery: deliveryId, reason: error.message }, 'a label could not be looked up');
      return false;
    }
  };

  /**
   * A review that only praises asks for nothing; one by somebody who may not write is for people to read. Of a pull request that was
   * merged or closed people talk among themselves.
   */
  const asksForWork = ({ repository, issue, sender, refusalReason }: Trigger, reviewId: number) =>
    github.call(repository, 'read the review', async (octokit) => {
      const { owner, name: repo } = repository;
      const pull = { owner, repo, pull_number: issue.number };
      if (refusalReason !== null && (await octokit.rest.pulls.get(pull)).data.state !== 'open') return false;
      const review = await readReview(octokit, repository, issue.number, reviewId);
      return review !== null && hasRequest(review) && (await hasWriteAccess(octokit, repository, sender));
    });

  /** By whoever wrote the issue, or may write: whatever else is said there is talk among people. */
  const answersQuestion = async (trigger: Trigger) => {
    const { repository, issue, sender } = trigger;
    const number = await control.findIssue(trigger);
    if (number === null || trigger.refusalReason) return false;
    const key = { repositoryId: repository.id, number };
    // People may answer what they see before the run that asked it has ended.
    if (await control.isAsking(key)) throw new RetryLater('the question to be asked', 1000);
    if ((await control.findOpenQuestion(key)) === null) return control.isMoreOfAnswer(trigger);
    if (sender.login === issue.author) return true;
    return github.call(repository, `ask what @${sender.login} may do`, (octokit) =>
      hasWriteAccess(octokit, repository, sender),
    );
  };

  const isToBeMended = async (trigger: CiFailureTrigger) => {
    try {
      return await shouldFixCi(trigger, { github, control, config });
    } catch (error) {
      if (!(error instanceof RunEndedError)) throw error;
      // Nobody asked for anything: what GitHub does not let us see is not answered.
      log.warn({ delivery: trigger.deliveryId, reason: error.message }, 'failed checks were not looked at');
      return false;
    }
  };

  return async (trigger) => {
    if (await wasRetractedMeanwhile(trigger)) return false;
    if (trigger.kind === 'label') return isMapped(trigger, trigger.label);
    if (trigger.kind === 'answer') return answersQuestion(trigger);
    if (trigger.kind === 'ci-failure') return isToBeMended(trigger);
    if (trigger.kind === 'review') return asksForWork(trigger, trigger.reviewId);
    return true;
  };
}
