import { withholdSecrets } from '../checks/find-secrets.js';
import type { GitHub } from '../github/github.js';
import type { Log } from '../log.js';
import { cleanText } from '../pull-request/clean-text.js';
import { writeComment } from '../pull-request/write-comment.js';
import type { RunStore } from '../runs/run-store.js';
import { progressMarker, sayProgress, sayRefusal } from '../runs/say.js';
import { sayChecksLeft } from '../runs/say-checks.js';
import type { Trigger } from '../task/task.js';
import { createProgressReporter } from './progress-reporter.js';

/** What the bot writes on issues. Everything goes through one gate: no credential, no markup that acts. */
export interface Publisher {
  /** Brings the issue's one progress comment up to date. */
  showProgress(runId: string): Promise<void>;
  /** Answers where it was asked, once per delivery. */
  reply(trigger: Trigger, text: string): Promise<void>;
  /** Says no, once per delivery; of failed checks, once per commit. */
  refuse(trigger: Trigger, because: string): Promise<void>;
  /** Keeps the progress comment up to date while the run goes on. */
  follow(runId: string): void;
  /** Resolves when nothing of `follow` is on its way any more. */
  leave(runId: string): Promise<void>;
  /** A model's or a program's words without what GitHub would act on. */
  clean(text: string): string;
  /** A text without credentials. */
  withhold(text: string): Promise<string>;
}

const maxWords = 4000;

export function createPublisher(parts: {
  store: RunStore;
  github: GitHub;
  liveValues: () => string[];
  log: Log;
}): Publisher {
  const { store, github, log } = parts;
  /** What each run's comment says, so that nothing is written twice. */
  const shown = new Map<string, string>();
  const withhold = (text: string) => withholdSecrets(text, parts.liveValues());
  const clean = (text: string) => cleanText(text, maxWords);

  const showProgress = async (runId: string) => {
    const run = await store.findRun(runId);
    if (!run) throw new Error(`there is no run ${runId}`);
    const { repository, issue } = run.trigger;
    const text = await withhold(sayProgress(run, await store.readEvents(runId), clean));
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

  const reply = async (trigger: Trigger, words: string) => {
    const { login: bot } = await github.bot();
    const text = await withhold(words);
    // Of one commit there is one word, however many Apps have checks on it.
    const about = trigger.kind === 'checks' ? trigger.headSha : trigger.deliveryId;
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
    refuse: (trigger, because) =>
      reply(
        trigger,
        trigger.kind === 'checks'
          ? sayChecksLeft(trigger.headSha, because, clean)
          : sayRefusal(trigger, because, clean),
      ),
    follow: reporter.follow,
    leave: async (runId) => {
      await reporter.leave(runId);
      shown.delete(runId);
    },
    clean,
    withhold,
  };
}
