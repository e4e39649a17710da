import type { Run } from '../runs/run-store.js';
import { sanitiseText } from '../task/sanitise-text.js';
import type { Feedback, Task } from '../task/task.js';
import type { ImplementIssueParts } from './implement-issue-steps.js';

type Parts = Pick<ImplementIssueParts, 'store' | 'readTranscript'>;

const maxWords = 8000;

/**
 * The task of a run that goes on where an earlier one ended: the same in everything, from that one's last checkpoint, in its
 * conversation. Another machine may have it.
 * @returns null when there is nothing to go on with: it begins anew
 */
export async function continueTask(run: Run, { store, readTranscript }: Parts): Promise<Task | null> {
  const { trigger } = run;
  if (trigger.resume === null || trigger.onPullRequest) return null;
  const earlier = await readTranscript(trigger.resume);
  if (!earlier) return null;
  const { task, checkpoint: commit } = earlier;
  // The base is in the repository itself.
  if (commit !== task.base.commit) await store.checkpoints.copy(trigger.resume, run.id, commit);
  const { feedback, hidden } = readFeedback(run, task);
  return {
    ...task,
    runId: run.id,
    repository: trigger.repository,
    requester: trigger.sender,
    start: { commit, parents: task.start.parents },
    feedback,
    continues: trigger.resume,
    hidden: [...task.hidden, ...hidden],
  };
}

/** An answer that the earlier run was given already is no news: then its own end is what is gone on from. */
function readFeedback({ trigger }: Run, task: Task): { feedback: Feedback; hidden: string[] } {
  const none = { threads: [], notes: [] };
  if (trigger.kind === 'answer') {
    const { text: words, hidden } = sanitiseText(trigger.words, maxWords);
    if (task.feedback?.kind !== 'answer' || task.feedback.words !== words)
      return {
        feedback: { kind: 'answer', author: trigger.sender.login, words, ...none },
        hidden: hidden.map((kind) => `${kind} in the answer`),
      };
  }
  return { feedback: { kind: 'retry', author: null, words: '', ...none }, hidden: [] };
}
