import type { Run } from '../../database/run-store.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { Task } from '../../task/task.js';
import { sanitiseText } from '../../text/old/sanitise-text.js';
import { leaseOf } from '../run/diff-base.js';
import type { Transcript } from '../run/read-transcript.js';
import { findForeignCommits } from './find-foreign-commits.js';
import type { Dependencies } from './steps.js';

const maxWords = 8000;

/**
 * The task of an earlier run, to go on with: the same base, agent and settings, from its last checkpoint, in its
 * conversation.
 * @returns null when what that run left is not known any more: then it begins anew
 */
export async function continueTask(
  run: Run,
  resume: string,
  { store, readTranscript, mirrors }: Pick<Dependencies, 'store' | 'readTranscript' | 'mirrors'>,
): Promise<Task | null> {
  const earlier = await findTranscript(resume, { store, readTranscript });
  if (!earlier) return null;
  const { task, checkpoint } = earlier;
  const ours = await store.readIssue({ repositoryId: task.repository.id, number: task.issue.number });
  const theirs = await findForeignCommits(
    await mirrors.update(run.trigger.repository),
    task.branch,
    leaseOf(task, ours.pushedCommit),
    ours,
  );
  if (theirs) throw new RunEndedError({ kind: 'refusal', reason: theirs });
  if (checkpoint !== task.base.commit && !(await store.checkpoints.copy(task.runId, run.id, checkpoint)))
    return null;
  const { trigger } = run;
  const answers = trigger.kind === 'answer' || (trigger.kind === 'command' && trigger.instructions !== '');
  const { text, hidden } = sanitiseText('instructions' in trigger ? trigger.instructions : '', maxWords);
  return {
    ...task,
    runId: run.id,
    repository: trigger.repository,
    requester: trigger.sender,
    start: { commit: checkpoint, parents: task.start.parents },
    continues: task.runId,
    feedback: {
      kind: answers ? 'answer' : 'retry',
      author: trigger.sender.login,
      instructions: answers ? text : '',
      threads: [],
      checks: [],
      notes: [],
    },
    hidden: hidden.map((kind) => `${kind} in the answer`),
  };
}

/** Of the run itself or, where it ended before it came to its task, of the one that it was to go on with. */
async function findTranscript(
  id: string | null,
  parts: Pick<Dependencies, 'store' | 'readTranscript'>,
): Promise<Transcript | null> {
  for (let next = id; next !== null; next = (await parts.store.findRun(next))?.trigger.resume ?? null) {
    const transcript = await parts.readTranscript(next);
    if (transcript) return transcript;
  }
  return null;
}
