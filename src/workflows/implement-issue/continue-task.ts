import { copyCheckpoint } from '../../database/checkpoints.js';
import { findRun } from '../../database/runs.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { Run } from '../../runs/run.js';
import type { Task } from '../../task/task.js';
import { sanitizeText } from '../../text/sanitize.js';
import type { Dependencies } from '../dependencies.js';
import { findReferences } from '../run/images/find-references.js';
import { pushLease } from '../run/push-lease.js';
import { readTranscript, type Transcript } from '../run/read-transcript.js';
import { taskLimits } from '../run/task-limits.js';
import { acceptMerges, findForeignCommits } from './find-foreign-commits.js';

const maxInstructions = 8000;

/**
 * Creates a task that continues an earlier run's work. It keeps that run's base commit, agent, settings and
 * conversation, and starts from its last checkpoint.
 * @param resume the id of the earlier run
 * @returns null if the data of that run was deleted; the work then starts over
 */
export async function continueTask(d: Dependencies, run: Run, resume: string): Promise<Task | null> {
  const earlier = await findTranscript(d, resume);
  if (!earlier) return null;
  const { task, checkpoint } = earlier;
  const key = { repositoryId: task.repository.id, number: task.issue.number };
  const mirror = await d.mirrors.update(run.trigger.repository);
  const base = (await mirror.resolve(task.base.branch))?.commit ?? task.base.commit;
  const record = await acceptMerges(d, mirror, key, { branch: task.branch, base });
  const lease = pushLease(task, record.pushedCommit);
  const foreignCommits = await findForeignCommits(mirror, task.branch, lease, record);
  if (foreignCommits)
    throw new RunEndedError({
      kind: 'refusal',
      reason: { kind: 'already-fixed', fixes: [], foreignCommits },
    });
  if (checkpoint !== task.base.commit && !(await copyCheckpoint(d.db, task.runId, run.id, checkpoint)))
    return null;
  const { trigger } = run;
  const [head, tip] = task.start.parents;
  // Another run's checkpoints are not available here, so make the merge commit again. It is always the same.
  if (head && tip) await d.workspaces.merge({ runId: run.id, repository: trigger.repository }, head, tip);
  // A retry has the instructions of the request that it repeats, but these are no answer.
  const isAnswer = (await findRun(d.db, task.runId))?.outcome?.kind === 'question';
  const answer = isAnswer && 'instructions' in trigger ? trigger.instructions : '';
  const { text, hidden } = sanitizeText(answer, maxInstructions);
  return {
    ...task,
    ...taskLimits(d, run.trigger, task, task.effort),
    runId: run.id,
    repository: trigger.repository,
    requester: trigger.sender,
    start: { ...task.start, commit: checkpoint },
    continues: task.runId,
    feedback: {
      kind: isAnswer ? 'answer' : 'retry',
      author: trigger.sender.login,
      instructions: text,
      threads: [],
      checks: [],
      notes: [],
    },
    images: [
      ...(task.images ?? []).filter(({ part }) => part !== 'feedback'),
      ...findReferences(answer, 'feedback', 'the answer'),
    ],
    hidden: hidden.map((kind) => `${kind} in the answer`),
  };
}

/**
 * Finds the transcript of a run. If the run ended before it read its task, finds the transcript of the run
 * that it was meant to continue.
 */
async function findTranscript(d: Dependencies, id: string): Promise<Transcript | null> {
  for (let next: string | null = id; next !== null; ) {
    const transcript = await readTranscript(d, next);
    if (transcript) return transcript;
    const run: Run | null = await findRun(d.db, next);
    next = run?.trigger.resume ?? null;
  }
  return null;
}
