import type { ControlStore } from '../../database/control-store.js';
import type { IntakeStore } from '../../database/intake-store.js';
import type { IssueKey, Run, RunStore } from '../../database/run-store.js';
import type { GitHub } from '../../github/github.js';
import { hasWriteAccess } from '../../github/has-write-access.js';
import { readReview } from '../../github/read-review.js';
import type { Log } from '../../log.js';
import { type Outcome, RunEndedError } from '../../runs/outcome.js';
import { runIdOf } from '../../runs/run-id-of.js';
import type { Trigger } from '../../task/task.js';
import { parseCommand } from '../../webhooks/parse-command.js';
import type { AnswerReviewSteps } from '../answer-review/answer-review.js';
import { findCiRefusalReason, type JudgeDependencies } from '../answer-review/judge-ci-failure.js';
import type { RestartRunSteps } from '../run/restart-run.js';
import type { Steering } from '../run/steering.js';
import type { AcceptTriggerSteps } from './accept-trigger.js';
import type { AdmissionControl } from './admission-control.js';

interface Parts {
  store: RunStore;
  intake: IntakeStore;
  github: GitHub;
  admissionControl: AdmissionControl;
  control: ControlStore;
  steering: Steering;
  config: JudgeDependencies['config'];
  isRelevant: (trigger: Trigger) => Promise<boolean>;
  showProgress: (run: Run) => Promise<void>;
  refuse: (trigger: Trigger, reason: string) => Promise<void>;
  log: Log;
}

export function createAcceptTriggerSteps(
  parts: Parts,
): AcceptTriggerSteps & Pick<RestartRunSteps, 'reserveAnother'> & Pick<AnswerReviewSteps, 'reserveMerge'> {
  const { store, intake, control, steering, github, admissionControl, log } = parts;
  /** For what is a courtesy: a comment that was deleted or an issue that was locked meanwhile ends nothing. */
  const unlessRefused = async (what: string, trigger: Trigger, body: () => Promise<unknown>) => {
    try {
      await body();
    } catch (error) {
      if (!(error instanceof RunEndedError)) throw error;
      log.warn({ delivery: trigger.deliveryId, reason: error.message }, what);
    }
  };

  const react = async (trigger: Trigger, content: 'eyes' | 'confused') => {
    const comment_id = 'commentId' in trigger ? trigger.commentId : null;
    if (comment_id === null) return;
    const { owner, name: repo } = trigger.repository;
    await unlessRefused('the command could not be reacted to', trigger, () =>
      github.call(
        trigger.repository,
        'react to the command',
        (octokit) => octokit.rest.reactions.createForIssueComment({ owner, repo, comment_id, content }),
        'talk',
      ),
    );
  };

  /** Failed checks are looked at for whoever asked for the work: it is their limits that it counts against. */
  const findAsker = async (trigger: Trigger, key: IssueKey) =>
    (trigger.kind === 'ci-failure' && (await control.findAsker(key))) || trigger.sender;

  /** All checks of one commit that failed before a run reads them are looked at by that one run. */
  const findId = async (trigger: Trigger, key: IssueKey) => {
    if (trigger.kind !== 'ci-failure') return runIdOf(trigger.deliveryId);
    const own = await control.findRunOf(trigger.deliveryId);
    const { runs } = await control.findLookedAt(key, trigger.headSha);
    return own ?? runIdOf(`checks of ${key.repositoryId} at ${trigger.headSha}, after ${runs}`);
  };

  /** Whoever writes `/stop` into a review means it, and wants nothing else to be done instead. `/implement` is a request like any other. */
  const holdsCommand = ({ repository, issue, reviewId }: Extract<Trigger, { kind: 'review' }>) =>
    github.call(repository, 'read the review', async (octokit) => {
      const review = await readReview(octokit, repository, issue.number, reviewId);
      const said = review?.threads.flatMap(({ comments }) => comments.filter(({ ours }) => ours)) ?? [];
      return [review?.body ?? '', ...said.map(({ body }) => body)].some((text) => {
        const command = parseCommand(text);
        return command !== null && command.name !== 'implement';
      });
    });

  return {
    isRelevant: parts.isRelevant,

    findRefusal: async (trigger) => {
      const { sender, repository } = trigger;
      if (trigger.refusalReason) return trigger.refusalReason;
      if (trigger.onPullRequest && (trigger.kind === 'label' || !(await control.findIssue(trigger))))
        return 'I take issues, and what is said of pull requests of mine; this is neither';
      // Who may answer is decided where it is found to be an answer.
      if (trigger.kind === 'answer') return null;
      if (trigger.kind === 'ci-failure') return findCiRefusalReason(trigger, parts);
      if (sender.type !== 'User')
        return `@${sender.login} is not a person; someone who may write has to ask for it`;
      const may = await github.call(repository, `ask what @${sender.login} may do`, (octokit) =>
        hasWriteAccess(octokit, repository, sender),
      );
      if (!may) return `@${sender.login} may not write to this repository; someone who may has to ask for it`;
      if (trigger.kind === 'review' && (await holdsCommand(trigger)))
        return 'commands (`/stop`, `/implement` and so on) are not read in a review; write them as a comment of their own on the pull request';
      return trigger.kind === 'command' && trigger.onPullRequest && trigger.instructions === ''
        ? 'say what is to be changed, with `/implement` and words, or in a review; `/retry` tries the last request again'
        : null;
    },

    reserveRun: async (trigger) => {
      const number = (await control.findIssue(trigger)) ?? trigger.issue.number;
      const workflow = trigger.onPullRequest ? 'answer-review' : 'implement-issue';
      const key = { repositoryId: trigger.repository.id, number };
      // An answer, or words where there is a question, go on with what was begun.
      const answers =
        trigger.kind === 'answer' || (trigger.kind === 'command' && trigger.instructions !== '');
      const resume = answers && workflow === 'implement-issue' ? await control.findOpenQuestion(key) : null;
      const id = await findId(trigger, key);
      const known = await store.findRun(id);
      const asked = known ? known.trigger : { ...trigger, resume, sender: await findAsker(trigger, key) };
      const reserved = await store.reserveRun(id, asked, workflow, number);
      if ('run' in reserved)
        await store.appendEvent(reserved.run.id, {
          type: 'accepted',
          by: asked.sender.login,
          trigger: describeTrigger(trigger),
        });
      return reserved;
    },

    passOn: async (trigger, runId) => {
      if ((trigger.kind !== 'command' && trigger.kind !== 'answer') || trigger.instructions === '')
        return false;
      const author = trigger.sender.login;
      if (!(await steering.add(runId, trigger.deliveryId, { author, text: trigger.instructions })))
        return false;
      const run = await store.findRun(runId);
      if (run)
        await unlessRefused('what was said could not be shown', trigger, () => parts.showProgress(run));
      return true;
    },

    reserveAnother: async (run) => {
      const deliveryId = `again-${run.id}`;
      const trigger = { ...run.trigger, deliveryId };
      await store.recordDelivery('restart', trigger);
      const reserved = await store.reserveRun(runIdOf(deliveryId), trigger, run.workflow, run.issueNumber);
      await store.recordDeliveryResult(
        deliveryId,
        'run' in reserved ? `run ${reserved.run.id}` : 'asked for again by people',
      );
      if (!('run' in reserved)) return null;
      await steering.inherit(run.id, reserved.run.id, 'all');
      await store.appendEvent(reserved.run.id, {
        type: 'accepted',
        by: trigger.sender.login,
        trigger: `run ${run.id}, which was stopped`,
      });
      return reserved.run;
    },

    reserveMerge: async (run) => {
      const deliveryId = `conflict-${run.id}`;
      const { repository, issue, sender, at } = run.trigger;
      const about = { repository, issue, sender, at, refusalReason: null, onPullRequest: true, resume: null };
      const trigger: Trigger = { kind: 'conflict', deliveryId, ...about };
      await store.recordDelivery('conflict', trigger);
      const reserved = await store.reserveRun(runIdOf(deliveryId), trigger, run.workflow, run.issueNumber);
      if (!('run' in reserved))
        throw new Error(`a run for the conflict of run ${run.id} could not be reserved`);
      await store.recordDeliveryResult(deliveryId, `run ${reserved.run.id}`);
      const by = sender.login;
      await store.appendEvent(reserved.run.id, { type: 'accepted', by, trigger: describeTrigger(trigger) });
      return reserved.run;
    },

    refuse: async (trigger, reason) => {
      log.info({ delivery: trigger.deliveryId, issue: trigger.issue.url, reason }, 'trigger refused');
      // Two programs would answer each other for ever, and whoever may comment could have the bot fill an issue.
      // Of failed checks people are told once for each commit, and the commits are the bot's own.
      const mayRepeat = trigger.kind === 'ci-failure';
      if (!mayRepeat && (await intake.wasRefused(trigger, reason))) return react(trigger, 'confused');
      await unlessRefused('the refusal could not be written on the issue', trigger, () =>
        parts.refuse(trigger, reason),
      );
    },

    react: (trigger) => react(trigger, 'eyes'),

    announce: async (run) => {
      await store.appendEvent(run.id, { type: 'queued', ahead: await store.countAhead(run.id) });
      await admissionControl.findHoldReason(run.id);
      await parts.showProgress(run);
    },

    admit: ({ id }) => admissionControl.admit(id),

    close: async (trigger, result) => {
      await store.recordDeliveryResult(trigger.deliveryId, result);
    },

    abandon: async (trigger, reason) => {
      const id = await control.findRunOf(trigger.deliveryId);
      if (id === null) return;
      const outcome: Outcome = { kind: 'failed', reason };
      log.error({ run: id, issue: trigger.issue.url, reason }, 'a run could not be queued');
      await store.appendEvent(id, { type: 'settled', outcome });
      await store.recordOutcome(id, outcome);
    },
  };
}

function describeTrigger(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'label':
      return `label ${trigger.label}`;
    case 'command':
      return '/implement';
    case 'control':
      return `/${trigger.control}`;
    default:
      return {
        review: 'a review',
        answer: 'an answer',
        conflict: 'a conflict',
        'ci-failure': 'a failed check',
        end: 'an end',
      }[trigger.kind];
  }
}
