import { appendEvent } from '../../database/run-events.js';
import { replyInThread, resolveThread } from '../../github/reviews.js';
import { renderThreadAnswer } from '../../messages/replies.js';
import { fieldsOfTask } from '../../runs/log-fields.js';
import type { Task } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';
import { ifGitHubAllows } from '../if-github-allows.js';
import { answerOf, type FeedbackResult } from './answers.js';

/**
 * The maximum number of characters of one answer in a run event. Events store only short excerpts of a
 * model's text.
 */
const maxAnswer = 500;

/**
 * Replies in every review thread with what was done and in which commit, or why nothing was done. Records the
 * agent's answer to every failed check.
 */
export async function answerThreads(d: Dependencies, task: Task, result: FeedbackResult): Promise<void> {
  if (task.feedback?.kind === 'ci-failure') await recordCiAnswers(d, task, task.feedback.checks, result);
  for (const [index, { id }] of (task.feedback?.threads ?? []).entries()) {
    const { text, done } = answerOf(result, index + 1);
    const marker = `<!-- pullwright:answer:${task.runId}:${index + 1} -->`;
    const body = await d.publisher.compose((untrusted) =>
      renderThreadAnswer(text, done ? result.commit : null, untrusted),
    );
    // If the thread was deleted or locked, the other threads still get their answers.
    await ifGitHubAllows(d.log, fieldsOfTask(task), 'could not answer a review thread', async () => {
      await replyInThread(d.github, task.repository, id, marker, body);
      if (done && result.commit !== null && task.settings.resolveThreads)
        await resolveThread(d.github, task.repository, id);
    });
  }
}

/**
 * Records the answers as a run event. A failed check has no thread for a reply, so the progress comment shows
 * the answers instead.
 */
async function recordCiAnswers(
  d: Dependencies,
  task: Task,
  checks: readonly string[],
  result: FeedbackResult,
): Promise<void> {
  const answers: { name: string; done: boolean; text: string }[] = [];
  for (const [index, name] of checks.entries()) {
    const { text, done } = answerOf(result, index + 1);
    answers.push({ name, done, text: (await d.publisher.redact(text)).slice(0, maxAnswer) });
  }
  await appendEvent(d.db, task.runId, { type: 'checks-answered', answers });
}
