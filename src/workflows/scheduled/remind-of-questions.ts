import { closeQuestion, listUnansweredQuestions, markReminded } from '../../database/open-questions.js';
import { findRun } from '../../database/runs.js';
import { readIssue, removeLabel } from '../../github/issues.js';
import { renderQuestionClosed, renderReminder } from '../../messages/replies.js';
import { RunEndedError } from '../../runs/outcome.js';
import { needsInfoLabel } from '../../task/needs-info.js';
import type { Dependencies } from '../dependencies.js';
import { findLogFields } from '../run/control/find-log-fields.js';

type RemindDependencies = Pick<Dependencies, 'db' | 'github' | 'publisher' | 'config' | 'log'>;

/**
 * Reminds people once of each unanswered question, and later closes the question. Each comment is written
 * only once, even if this function runs again after a crash.
 */
export async function remindOfQuestions(d: RemindDependencies, signal: AbortSignal): Promise<void> {
  const { questionRemindMs, questionCloseMs } = d.config;
  for (const { runId, action } of await listUnansweredQuestions(d.db, questionRemindMs, questionCloseMs)) {
    if (signal.aborted) return;
    let isGivenUp = action === 'close';
    try {
      isGivenUp = await remind(d, runId, action);
    } catch (error) {
      // The issue was deleted or locked, so the bot cannot comment there.
      if (!(error instanceof RunEndedError)) throw error;
      const about = await findLogFields(d, runId);
      d.log.warn({ ...about, reason: error.message }, 'could not remind people of a question');
    }
    await (isGivenUp ? closeQuestion(d.db, runId) : markReminded(d.db, runId));
  }
}

/**
 * Reminds people of one question, or tells them that it is closed.
 * @returns true if the bot no longer waits for an answer
 */
async function remind(
  { db, github, publisher }: RemindDependencies,
  runId: string,
  action: 'remind' | 'close',
): Promise<boolean> {
  const run = await findRun(db, runId);
  if (run?.outcome?.kind !== 'question') return true;
  const { trigger } = run;
  const { questions } = run.outcome;
  const { isOpen } = await readIssue(github, trigger.repository, trigger.issue.number);
  const isGivenUp = action === 'close' || !isOpen;
  if (isGivenUp) await removeLabel(github, trigger.repository, trigger.issue.number, needsInfoLabel);
  if (isOpen)
    await publisher.reply({ ...trigger, deliveryId: `${action}-${runId}` }, (untrusted) =>
      action === 'close' ? renderQuestionClosed() : renderReminder(questions, untrusted),
    );
  return isGivenUp;
}
