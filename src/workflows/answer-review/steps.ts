import { answerThread, resolveThread } from '../../github/answer-threads.js';
import { hasWriteAccess } from '../../github/has-write-access.js';
import { readOpenPull } from '../../github/read-open-pull.js';
import { removeLabel } from '../../github/remove-label.js';
import { renderThreadAnswer } from '../../messages/progress-comment.js';
import { RunEndedError } from '../../runs/outcome.js';
import { needsInfoLabel } from '../../task/needs-info.js';
import type { Task } from '../../task/task.js';
import type { Dependencies } from '../implement-issue/steps.js';
import { beginRun } from '../run/begin-run.js';
import type { Answered, AnswerReviewSteps } from './answer-review.js';
import { readFollowUp } from './read-follow-up.js';

type Parts = Dependencies;

/** Events have no more than short summaries of a model's text. */
const maxAnswer = 500;

/** What this story does otherwise than the first one. */
export function createAnswerReviewSteps(
  parts: Parts,
): Pick<AnswerReviewSteps, 'start' | 'readTask' | 'answerThreads'> {
  const { store, github, publisher, log } = parts;
  /** Checks have no thread to be answered in: what became of each is in the progress comment. */
  const recordAnswers = async (task: Task, checks: readonly string[], answered: Answered) => {
    const answers: { name: string; done: boolean; text: string }[] = [];
    for (const [index, name] of checks.entries()) {
      const { text, done } = answerOf(answered, index + 1);
      answers.push({ name, done, text: (await publisher.redact(text)).slice(0, maxAnswer) });
    }
    await store.appendEvent(task.runId, { type: 'checks-answered', answers });
  };

  return {
    start: async (run) => {
      await beginRun(run, parts);
      const { repository, issue, sender } = run.trigger;
      const { kind } = run.trigger;
      const key = { repositoryId: repository.id, number: run.issueNumber };
      const asked = await parts.control.findAskedPlace(key, run.id);
      // Nobody asked for these, and the run before was still going on when they came up.
      if (kind === 'ci-failure' || kind === 'conflict') {
        if (await parts.control.wasBrokenOff(key))
          throw superseded('the work was broken off meanwhile; `/implement` with words goes on with it');
        if (asked !== null)
          throw superseded('people are asked something first, and their answer goes on with the work');
      }
      await github.call(
        repository,
        'look at the pull request',
        async (octokit) => {
          const { head } = await readOpenPull(octokit, repository, issue.number);
          if (run.trigger.kind === 'ci-failure' && head.sha !== run.trigger.headSha)
            throw superseded('the branch has a newer commit than the one whose checks failed');
          if (
            kind !== 'answer' &&
            sender.type === 'User' &&
            !(await hasWriteAccess(octokit, repository, sender))
          )
            throw new RunEndedError({
              kind: 'refusal',
              reason: `@${sender.login} may no longer write to this repository`,
            });
          // Whatever was said goes on in place of the answer.
          if (asked !== null) await removeLabel(octokit, repository, asked, needsInfoLabel);
        },
        asked === null ? 'read' : 'talk',
      );
    },

    readTask: async (run) => {
      const task = await readFollowUp(run, parts);
      await store.appendEvent(run.id, {
        type: 'task-read',
        base: task.base.branch,
        commit: task.base.commit,
        agent: task.agent.name,
        agentReason: task.agentReason,
        model: parts.modelOf(task.agent),
        hidden: task.hidden,
      });
      return task;
    },

    answerThreads: async (task, answered) => {
      if (task.feedback?.kind === 'ci-failure') await recordAnswers(task, task.feedback.checks, answered);
      for (const [index, { id }] of (task.feedback?.threads ?? []).entries()) {
        const { text, done } = answerOf(answered, index + 1);
        const marker = `<!-- pullwright:answer:${task.runId}:${index + 1} -->`;
        const body = await publisher.compose((words) =>
          renderThreadAnswer(text, done ? answered.commit : null, words),
        );
        try {
          await github.call(
            task.repository,
            'answer the review',
            (octokit) => answerThread(octokit, marker, { thread: id, text: body }),
            'talk',
          );
          if (done && answered.commit !== null && task.settings.resolveThreads)
            await github.call(
              task.repository,
              'resolve a thread of the review',
              (octokit) => resolveThread(octokit, id),
              'drafts',
            );
        } catch (error) {
          // One that was deleted, or may not be answered any more, takes none of the others' answers away.
          if (!(error instanceof RunEndedError)) throw error;
          log.warn({ run: task.runId, reason: error.message }, 'a thread could not be answered');
        }
      }
    },
  };
}

/** The agent's word on a thread, held against what was pushed. */
function answerOf({ work, commit, outcome }: Answered, thread: number): { text: string; done: boolean } {
  if (outcome.kind === 'question') return { text: 'there is a question first, below', done: false };
  const agent = work?.outcome;
  const said = agent?.kind === 'submitted' ? agent.submission.answers : [];
  const answer = said.find((one) => one.thread === thread);
  if (commit === null && outcome.kind !== 'refusal')
    return { text: 'reason' in outcome ? String(outcome.reason) : outcome.kind, done: false };
  if (!answer) return { text: 'the agent gave no answer to this', done: false };
  return answer.done && commit === null
    ? { text: `the agent holds it to be done, but nothing was changed: ${answer.text}`, done: false }
    : answer;
}

function superseded(reason: string): RunEndedError {
  return new RunEndedError({ kind: 'stopped', reason, superseded: true });
}
