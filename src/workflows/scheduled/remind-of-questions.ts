import type { ControlStore } from '../../database/control-store.js';
import type { RunStore } from '../../database/run-store.js';
import type { GitHub } from '../../github/github.js';
import { removeLabel } from '../../github/remove-label.js';
import type { Log } from '../../log.js';
import { renderQuestionClosed, renderReminder } from '../../messages/progress-comment.js';
import { RunEndedError } from '../../runs/outcome.js';
import { needsInfoLabel } from '../../task/needs-info.js';
import type { Publisher } from '../run/publisher.js';

interface Parts {
  control: ControlStore;
  store: RunStore;
  github: GitHub;
  publisher: Publisher;
  remindAfterMs: number;
  closeAfterMs: number;
  log: Log;
}

/** People forget: what was asked is asked once more, and given up in the end. Each is written once, however often this is done. */
export async function remindOfQuestions(parts: Parts, signal: AbortSignal): Promise<void> {
  const { control, store, github, publisher, log } = parts;
  for (const { id, what } of await control.listUnanswered(parts.remindAfterMs, parts.closeAfterMs)) {
    if (signal.aborted) return;
    const run = await store.findRun(id);
    if (run?.outcome?.kind !== 'question') continue;
    const { trigger } = run;
    try {
      const isOpen = await github.call(
        trigger.repository,
        'look whether the question still stands',
        async (octokit) => {
          const { owner, name: repo } = trigger.repository;
          const { number } = trigger.issue;
          const { data } = await octokit.rest.issues.get({ owner, repo, issue_number: number });
          const stands = data.state === 'open';
          if (what === 'close' || !stands)
            await removeLabel(octokit, trigger.repository, number, needsInfoLabel);
          return stands;
        },
        'talk',
      );
      if (!isOpen) {
        // Nobody waits for it any more: nothing is to be said.
        await control.markReminded(id, 'close');
        continue;
      }
      const { questions } = run.outcome;
      await publisher.reply({ ...trigger, deliveryId: `${what}-${id}` }, (words) =>
        what === 'close' ? renderQuestionClosed() : renderReminder(questions, words),
      );
    } catch (error) {
      // The issue is gone or locked: nobody is to be reminded there.
      if (!(error instanceof RunEndedError)) throw error;
      log.warn({ run: id, reason: error.message }, 'a question could not be brought to mind');
    }
    await control.markReminded(id, what);
  }
}
