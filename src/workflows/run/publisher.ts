import type { RunStore } from '../../database/run-store.js';
import type { GitHub } from '../../github/github.js';
import { writeComment } from '../../github/write-comment.js';
import type { Log } from '../../log.js';
import { renderUnfixedChecks } from '../../messages/ci-answers.js';
import { progressMarker, renderProgress, renderRefusal } from '../../messages/progress-comment.js';
import { redactSecrets } from '../../secrets/old/find-secrets.js';
import type { Trigger } from '../../task/task.js';
import { composeText, type Words } from '../../text/old/words.js';
import { createProgressReporter } from './progress-reporter.js';

type Compose = <T extends string | { [name in keyof T]: string }>(say: (words: Words) => T) => Promise<T>;

/** What the bot writes on issues. Everything goes through one gate: no credential, no markup that acts. */
export interface Publisher {
  /** Brings the issue's one progress comment up to date. */
  showProgress(runId: string): Promise<void>;
  /** Answers where it was asked, once per delivery. */
  reply(trigger: Trigger, say: (words: Words) => string): Promise<void>;
  /** Says no, once per delivery; of failed checks, once per commit. */
  refuse(trigger: Trigger, reason: string): Promise<void>;
  /** Keeps the progress comment up to date while the run goes on. */
  follow(runId: string): void;
  /** Resolves when nothing of `follow` is on its way any more. */
  leave(runId: string): Promise<void>;
  /** Composes a text around a model's or a program's words: without credentials, and these without what GitHub would act on. */
  compose: Compose;
  /** A text without credentials. */
  redact(text: string): Promise<string>;
}

export function createPublisher(parts: {
  store: RunStore;
  github: GitHub;
  activeSecrets: () => string[];
  log: Log;
}): Publisher {
  const { store, github, log } = parts;
  /** What each run's comment says, so that nothing is written twice. */
  const shown = new Map<string, string>();
  const redact = (text: string) => redactSecrets(text, parts.activeSecrets());
  const compose: Compose = (say) => composeText(say, redact);

  const showProgress = async (runId: string) => {
    const run = await store.findRun(runId);
    if (!run) throw new Error(`there is no run ${runId}`);
    const { repository, issue } = run.trigger;
    const events = await store.readEvents(runId);
    const text = await compose((words) => renderProgress(run, events, words));
    if (shown.get(runId) === text) return;
    const key = { repositoryId: repository.id, number: issue.number };
    const { progressCommentId } = await store.readIssue(key);
    const { login: bot } = await github.bot();
    const place = { repository, issue: issue.number, bot };
    const id = await github.call(
      repository,
      'write on the issue',
      (octokit) => writeComment(octokit, place, progressMarker, text, progressCommentId),
      'talk',
    );
    if (id !== progressCommentId) await store.updateIssue(key, { progressCommentId: id });
    shown.set(runId, text);
  };
  const reporter = createProgressReporter(showProgress, (run, err) =>
    log.warn({ run, err }, 'progress could not be shown'),
  );

  const reply = async (trigger: Trigger, say: (words: Words) => string) => {
    const { login: bot } = await github.bot();
    const text = await compose(say);
    // Of one commit there is one word, however many Apps have checks on it.
    const about = trigger.kind === 'ci-failure' ? trigger.headSha : trigger.deliveryId;
    const marker = `<!-- pullwright:reply:${about.replace(/[^\w-]/g, '')} -->`;
    const place = { repository: trigger.repository, issue: trigger.issue.number, bot };
    await github.call(
      trigger.repository,
      'write on the issue',
      (octokit) => writeComment(octokit, place, marker, text, null),
      'talk',
    );
  };

  return {
    showProgress,
    reply,
    refuse: (trigger, reason) =>
      reply(trigger, (words) =>
        trigger.kind === 'ci-failure'
          ? renderUnfixedChecks(trigger.headSha, reason, words)
          : renderRefusal(trigger, reason, words),
      ),
    follow: reporter.follow,
    leave: async (runId) => {
      await reporter.leave(runId);
      shown.delete(runId);
    },
    compose,
    redact,
  };
}
