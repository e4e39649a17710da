import { readEvents } from '../../database/run-events.js';
import { findRun, listEarlierRuns } from '../../database/runs.js';
import { findLastEdit, readIssue } from '../../github/issues.js';
import { readOpenPull } from '../../github/pulls.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { Run } from '../../runs/run.js';
import type { Task } from '../../task/task.js';
import type { Mirror } from '../../workspace/workspace.js';
import type { Dependencies } from '../dependencies.js';
import { acceptMerges } from '../implement-issue/find-foreign-commits.js';
import { readNewTask, recordTask } from '../implement-issue/read-task.js';
import { readTranscript, type Transcript } from '../run/read-transcript.js';
import { taskLimits } from '../run/task-limits.js';
import { readFeedback } from './read-feedback.js';

/**
 * Creates a task from feedback on the bot's pull request. In this task, the same agent continues its
 * conversation, and works on the current state of the branch. Merges new commits of the base branch if they
 * do not conflict.
 * @throws RunEndedError when there is nothing left to work on
 */
export async function readFollowUp(d: Dependencies, run: Run): Promise<Task> {
  const { trigger, issueNumber: number } = run;
  const { repository } = trigger;
  const pull = await readOpenPull(d.github, repository, trigger.issue.number);
  const earlier = await findTranscript(d, run);
  const known = earlier?.task ?? (await readTaskOfIssue(d, run));
  const feedback = await readFeedback(d, run);

  const mirror = await d.mirrors.update(repository);
  const branch = `pullwright/issue-${number}`;
  // Use the current base branch of the pull request. People may have changed it since the earlier run.
  const { head, tip, mergeBase } = await findCommits(mirror, branch, pull.baseRef);
  const key = { repositoryId: repository.id, number };
  const { pushedCommit } = await acceptMerges(d, mirror, key, { branch, base: tip.commit });
  const notes: string[] = [];
  if (pushedCommit !== null && pushedCommit !== head.commit)
    notes.push("People have pushed to the branch since the agent's last commit. Keep what they did.");
  if (earlier && (await hasLostWork(d, earlier)))
    notes.push('The previous run ended before it pushed its work, so none of its changes are here.');
  const task: Task = {
    ...known,
    ...taskLimits(d, trigger, known, known.effort),
    runId: run.id,
    repository,
    requester: trigger.sender,
    instructions: '',
    conflicts: [],
    comments: [],
    pullRequest: pull.number,
    branch,
    base: { branch: pull.baseRef, ...tip },
    start: { commit: head.commit, parents: [head.commit], diffBase: head.commit },
    continues: earlier?.task.runId ?? null,
    feedback: { ...feedback.value, notes },
    images: [...(known.images ?? []).filter(({ part }) => part === 'issue'), ...feedback.images],
    hidden: [...(earlier ? [] : known.hidden), ...feedback.hidden],
  };
  const merged = mergeBase === tip.commit ? keepAsIs(run, task) : await mergeBaseIn(d, run, task, mergeBase);
  await recordTask(d, merged);
  return merged;
}

type Commit = Pick<Task['base'], 'commit' | 'committedAt'>;

async function findCommits(
  mirror: Mirror,
  branch: string,
  base: string,
): Promise<{ head: Commit; tip: Commit; mergeBase: string }> {
  const [head, tip] = [await mirror.resolve(branch), await mirror.resolve(base)];
  if (!head) throw stopped(`The branch ${branch} is gone.`);
  if (!tip) throw stopped(`The base branch ${base} is gone.`);
  const mergeBase = await mirror.findMergeBase(head.commit, tip.commit);
  if (!mergeBase) throw stopped(`${branch} and ${base} no longer have a common ancestor.`);
  return { head, tip, mergeBase };
}

function keepAsIs({ trigger }: Run, task: Task): Task {
  if (trigger.kind !== 'conflict') return task;
  throw new RunEndedError({ kind: 'stopped', reason: 'There is nothing left to merge.', superseded: true });
}

/**
 * Merges the base branch into the bot's branch. If the branches conflict, merges them only in a run that was
 * started because of the conflict.
 */
async function mergeBaseIn(d: Dependencies, run: Run, task: Task, mergeBase: string): Promise<Task> {
  const { branch, commit: tip, committedAt } = task.base;
  const head = task.start.commit;
  const workspace = { runId: run.id, repository: task.repository };
  const { commit, conflicts } = await d.workspaces.merge(workspace, head, tip);
  const paths = conflicts
    .slice(0, 20)
    .map((path) => path.slice(0, 200).toWellFormed())
    .join(', ');
  if (conflicts.length === 0 || run.trigger.kind === 'conflict') {
    const both = paths && ` Both sides changed ${paths}.`;
    task.feedback?.notes.push(`The new commits of the base branch ${branch} were merged in.${both}`);
    return { ...task, start: { commit, parents: [head, tip], diffBase: commit } };
  }
  task.feedback?.notes.push(
    `The new commits of the base branch ${branch} conflict with this branch in ${paths}. They are not merged here. Another run will merge them after this one.`,
  );
  return { ...task, base: { branch, commit: mergeBase, committedAt }, conflicts };
}

/**
 * Finds the transcript of the newest earlier run that has one. A run that ended before it read its task has
 * no transcript.
 */
async function findTranscript(d: Dependencies, run: Run): Promise<Transcript | null> {
  const key = { repositoryId: run.trigger.repository.id, number: run.issueNumber };
  for (const id of await listEarlierRuns(d.db, key, run.id)) {
    const transcript = await readTranscript(d, id);
    if (transcript) return transcript;
  }
  return null;
}

/**
 * Returns whether the earlier run made changes that it never pushed. Its conversation mentions these changes,
 * but the branch does not contain them.
 */
async function hasLostWork({ db }: Dependencies, { task, checkpoint }: Transcript): Promise<boolean> {
  if (checkpoint === task.start.commit) return false;
  const outcome = (await findRun(db, task.runId))?.outcome;
  // Only these outcomes can leave changes that were not pushed.
  if (!outcome || !['stopped', 'failed', 'question'].includes(outcome.kind)) return false;
  return !(await readEvents(db, task.runId)).some(({ event }) => event.type === 'pushed');
}

/**
 * Reads the task from the issue. Used if no transcript of an earlier run is stored. Omits the text of an
 * edited issue: the author may have changed it after someone with write access requested the work.
 */
async function readTaskOfIssue(d: Dependencies, run: Run): Promise<Task> {
  const { repository } = run.trigger;
  const { number, title, body, author, url } = await readIssue(d.github, repository, run.issueNumber);
  const isEdited = (await findLastEdit(d.github, repository, run.issueNumber)) !== null;
  const issue = isEdited
    ? { number, title: `Issue ${number}`, body: editedText, author, url }
    : { number, title, body, author, url };
  const command = {
    kind: 'command',
    instructions: '',
    agent: null,
    anyway: true,
    plan: false,
    commentId: null,
  } as const;
  const effort = run.trigger.kind === 'command' ? run.trigger.effort : null;
  const trigger = { ...run.trigger, ...command, effort, issue, onPullRequest: false };
  const task = await readNewTask(d, { ...run, trigger });
  const hidden = isEdited ? ['the title and text of the issue, which were edited'] : [];
  return { ...task, hidden: [...task.hidden, ...hidden] };
}

const editedText =
  '(The title and text are omitted because they were edited and may differ from the original request.)';

function stopped(reason: string): RunEndedError {
  return new RunEndedError({ kind: 'stopped', reason });
}
