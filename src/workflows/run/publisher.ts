import { readIssue, updateIssue } from '../../database/issues.js';
import type { Queryable } from '../../database/queryable.js';
import { readEvents } from '../../database/run-events.js';
import { findRun } from '../../database/runs.js';
import { writeComment } from '../../github/comments.js';
import type { GitHub } from '../../github/github.js';
import type { Log } from '../../log.js';
import { renderUnfixedChecks } from '../../messages/ci-answers.js';
import { endingMarker, renderEnding } from '../../messages/ending.js';
import { progressMarker, renderProgress } from '../../messages/progress-comment.js';
import { renderRefusal } from '../../messages/replies.js';
import { fieldsOfRun, type RunFields } from '../../runs/log-fields.js';
import type { Outcome } from '../../runs/outcome.js';
import type { RefusalReason } from '../../runs/refusal-reason.js';
import type { Run } from '../../runs/run.js';
import { lastEvent } from '../../runs/run-event.js';
import { redactSecrets } from '../../secrets/find-secrets.js';
import type { Trigger } from '../../task/task.js';
import { composeText, type UntrustedText } from '../../text/untrusted-text.js';
import { findPersonToTell } from './control/find-person-to-tell.js';
import { findProgressLink } from './control/find-progress-link.js';
import { createProgressReporter } from './progress-reporter.js';

type Compose = <T extends string | { [name in keyof T]: string }>(
  render: (untrusted: UntrustedText) => T,
) => Promise<T>;

/**
 * Writes the bot's comments. Removes credentials from every text. Escapes Markdown in words of people,
 * programs and models.
 */
export interface Publisher {
  /** Creates or updates the issue's only progress comment. */
  showProgress(runId: string): Promise<void>;
  /**
   * Replies to a trigger on its issue or pull request. Each delivery gets at most one reply. All CI failures
   * of one commit together get at most one reply.
   */
  reply(trigger: Trigger, render: (untrusted: UntrustedText) => string): Promise<void>;
  /** Replies with the reason why a trigger was refused. Like `reply`, this writes at most one reply. */
  refuse(trigger: Trigger, reason: RefusalReason): Promise<void>;
  /**
   * Tells the requester how a run ended, in a comment of its own. Each run has at most one such comment. The
   * progress comment MUST show the outcome before.
   */
  tellEnding(run: Run, outcome: Outcome): Promise<void>;
  /** Starts to update the progress comment at regular intervals while the run works. */
  follow(runId: string): void;
  /** Stops the updates that `follow` started. Resolves when no update is in progress. */
  leave(runId: string): Promise<void>;
  /** Composes a text that contains words of a model, a program or a person. */
  compose: Compose;
  /** Removes credentials from a text. */
  redact(text: string): Promise<string>;
}

export function createPublisher(d: {
  db: Queryable;
  github: GitHub;
  activeSecrets: () => string[];
  log: Log;
  now: () => Date;
}): Publisher {
  /** The current text of each run's progress comment. A comment is written only if its text changes. */
  const shown = new Map<string, string>();
  /** The log fields of each run, kept in memory because the database may be down when an update fails. */
  const followed = new Map<string, RunFields>();
  const redact = (text: string) => redactSecrets(text, d.activeSecrets());
  const compose: Compose = (render) => composeText(render, redact);

  const showProgress = async (runId: string) => {
    const run = await findRun(d.db, runId);
    if (!run) throw new Error(`there is no run ${runId}`);
    followed.set(runId, fieldsOfRun(run));
    const { repository, issue } = run.trigger;
    const events = await readEvents(d.db, runId);
    const text = await compose((untrusted) => renderProgress(run, events, d.now(), untrusted));
    if (shown.get(runId) === text) return;
    const key = { repositoryId: repository.id, number: issue.number };
    const { progressCommentId: known } = await readIssue(d.db, key);
    const place = { repository, issue: issue.number };
    const id = await writeComment(d.github, place, progressMarker, text, known);
    if (id !== known) await updateIssue(d.db, key, { progressCommentId: id });
    shown.set(runId, text);
  };
  const reporter = createProgressReporter(showProgress, (run, err) =>
    d.log.warn({ ...(followed.get(run) ?? { run }), err }, 'could not update the progress comment'),
  );

  const reply: Publisher['reply'] = async (trigger, render) =>
    writeReply(d.github, trigger, await compose(render));

  return {
    showProgress,
    tellEnding: (run, outcome) => tellEnding({ ...d, compose }, run, outcome),
    reply,
    refuse: (trigger, reason) =>
      reply(trigger, (untrusted) =>
        trigger.kind === 'ci-failure'
          ? renderUnfixedChecks(trigger.headSha, reason, untrusted)
          : renderRefusal(trigger, reason, untrusted),
      ),
    follow: reporter.follow,
    leave: async (runId) => {
      await reporter.leave(runId);
      shown.delete(runId);
      followed.delete(runId);
    },
    compose,
    redact,
  };
}

async function tellEnding(
  { db, github, compose }: { db: Queryable; github: GitHub; compose: Compose },
  run: Run,
  outcome: Outcome,
): Promise<void> {
  const { repository, issue } = run.trigger;
  const progress = await findProgressLink(db, run.trigger);
  const commit = lastEvent(await readEvents(db, run.id), 'pushed')?.commit ?? null;
  const login = (await findPersonToTell(db, run))?.login ?? null;
  const ending = { outcome, login, commit, progress };
  const text = await compose((untrusted) => renderEnding(run, ending, untrusted) ?? '');
  const place = { repository, issue: issue.number };
  if (text !== '') await writeComment(github, place, endingMarker(run.id), text, null);
}

async function writeReply(github: GitHub, trigger: Trigger, text: string): Promise<void> {
  // Checks of several Apps can fail on one commit. GitHub reports these failures in separate deliveries. The
  // marker contains the commit instead of the delivery, so that all these failures share one reply.
  const about = trigger.kind === 'ci-failure' ? trigger.headSha : trigger.deliveryId;
  const marker = `<!-- pullwright:reply:${about.replace(/[^\w-]/g, '')} -->`;
  const place = { repository: trigger.repository, issue: trigger.issue.number };
  await writeComment(github, place, marker, text, null);
}
