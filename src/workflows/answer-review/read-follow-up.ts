import type { Run } from '../../database/run-store.js';
import { readEdits } from '../../github/read-issue.js';
import { readOpenPull } from '../../github/read-open-pull.js';
import { type ReadThread, readReview } from '../../github/read-review.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { Feedback, Task, Thread } from '../../task/task.js';
import { sanitiseText } from '../../text/old/sanitise-text.js';
import { hasRequest } from '../accept-trigger/has-request.js';
import { readTask } from '../implement-issue/read-task.js';
import type { Dependencies } from '../implement-issue/steps.js';
import type { Transcript } from '../run/read-transcript.js';
import { readCiFailures } from './read-ci-failures.js';

const maxWords = 8000;

/**
 * What is to be done about what was said of the bot's pull request: by the same agent, in the same conversation, on the branch as
 * it is now. A base that moved on is merged in where that goes without a conflict.
 * @throws RunEnded when there is nothing to work on any more
 */
export async function readFollowUp(run: Run, parts: Dependencies): Promise<Task> {
  const { trigger } = run;
  const { repository, sender } = trigger;
  const { issueNumber: number } = run;
  const pull = await parts.github.call(repository, 'look at the pull request', (octokit) =>
    readOpenPull(octokit, repository, trigger.issue.number),
  );
  const earlier = await findTranscript(run, parts);
  const known = earlier ? earlier.task : await readTaskOfIssue(run, parts);
  const feedback = await readFeedback(run, parts);

  const mirror = await parts.mirrors.update(repository);
  const branch = `pullwright/issue-${number}`;
  // Where people have moved the pull request to, not where the work once began.
  const into = pull.base.ref;
  const [head, tip] = [await mirror.resolve(branch), await mirror.resolve(into)];
  if (!head) throw stopped(`the branch ${branch} is gone`);
  if (!tip) throw stopped(`the base branch ${into} is gone`);
  const common = await mirror.findMergeBase(head.commit, tip.commit);
  if (!common) throw stopped(`${branch} and ${into} have no common past any more`);

  const { pushedCommit } = await parts.store.readIssue({ repositoryId: repository.id, number });
  const notes: string[] = [];
  if (pushedCommit !== null && pushedCommit !== head.commit)
    notes.push(
      'People have pushed to the branch since the last commit of the agent; what they did is to be kept.',
    );
  if (earlier && (await hasLostWork(earlier, parts)))
    notes.push(
      'The run before this one ended before its work was pushed; nothing that it may have changed is here.',
    );
  const task: Task = {
    ...known,
    runId: run.id,
    repository,
    requester: sender,
    instructions: '',
    conflicts: [],
    comments: [],
    pullRequest: pull.number,
    branch,
    base: { branch: into, ...tip },
    start: { commit: head.commit, parents: [head.commit] },
    continues: earlier?.task.runId ?? null,
    feedback: { ...feedback.value, notes },
    hidden: [...(earlier ? [] : known.hidden), ...feedback.hidden],
  };
  if (common === tip.commit) {
    if (trigger.kind === 'conflict')
      throw new RunEndedError({
        kind: 'stopped',
        reason: 'there is nothing left to merge',
        superseded: true,
      });
    return task;
  }
  const { commit, conflicts } = await parts.workspaces.merge(
    { runId: run.id, repository },
    head.commit,
    tip.commit,
  );
  const where = conflicts
    .slice(0, 20)
    .map((path) => path.slice(0, 200).toWellFormed())
    .join(', ');
  if (conflicts.length === 0 || trigger.kind === 'conflict') {
    notes.push(
      `The base branch ${into} has moved on, and was merged in${where && `; both had changed ${where}`}.`,
    );
    return { ...task, start: { commit, parents: [head.commit, tip.commit] } };
  }
  notes.push(
    `The base branch ${into} has moved on, and conflicts with this branch in ${where}. It is not merged here: that is a task of its own, which follows when this one is done.`,
  );
  const base = { branch: into, commit: common, committedAt: tip.committedAt };
  return { ...task, base, conflicts };
}

/** Of the newest run before this one that came to its task: one that ended before that has said nothing. */
async function findTranscript(run: Run, parts: Dependencies): Promise<Transcript | null> {
  const key = { repositoryId: run.trigger.repository.id, number: run.issueNumber };
  for (const id of await parts.control.listEarlier(key, run.id)) {
    const transcript = await parts.readTranscript(id);
    if (transcript) return transcript;
  }
  return null;
}

/** Whether the agent is to be told that what it remembers to have done is not on the branch. */
async function hasLostWork({ task, checkpoint }: Transcript, { store }: Dependencies): Promise<boolean> {
  if (checkpoint === task.start.commit) return false;
  const outcome = (await store.findRun(task.runId))?.outcome;
  // Of the other ends, some had nothing to push.
  if (!outcome || !['stopped', 'failed', 'question'].includes(outcome.kind)) return false;
  return !(await store.readEvents(task.runId)).some(({ event }) => event.type === 'pushed');
}

/**
 * Where nothing is known of earlier runs any more: the issue as it was written. Its text is left out when it was ever edited: whoever
 * wrote the issue may have done that after it was asked for, and nobody who may write has asked for what stands there now.
 */
async function readTaskOfIssue(run: Run, parts: Dependencies): Promise<Task> {
  const { repository } = run.trigger;
  const issue = await parts.github.call(repository, 'read the issue', async (octokit) => {
    const { data } = await octokit.rest.issues.get({
      owner: repository.owner,
      repo: repository.name,
      issue_number: run.issueNumber,
    });
    const isEdited = (await readEdits(octokit, repository, run.issueNumber)) !== null;
    return {
      number: data.number,
      title: isEdited ? `Issue ${data.number}` : data.title,
      body: isEdited ? leftOut : (data.body ?? ''),
      author: data.user?.login ?? 'ghost',
      url: data.html_url,
    };
  });
  const words = {
    kind: 'command',
    instructions: '',
    agent: null,
    anyway: true,
    commentId: 0,
  } as const;
  const task = await readTask(
    { ...run, trigger: { ...run.trigger, ...words, issue, onPullRequest: false } },
    parts,
  );
  return issue.body === leftOut
    ? { ...task, hidden: [...task.hidden, 'the title and text of the issue, which were edited'] }
    : task;
}

const leftOut = '(Title and text are left out: they were edited, and may not be what was asked for.)';

async function readFeedback(run: Run, parts: Dependencies): Promise<{ value: Feedback; hidden: string[] }> {
  const { trigger } = run;
  const { github } = parts;
  const hidden = new Set<string>();
  const clean = (raw: string, where: string) => {
    const { text, hidden: kinds } = sanitiseText(raw, maxWords);
    for (const kind of kinds) hidden.add(`${kind} in ${where}`);
    return text;
  };
  const said = (value: Omit<Feedback, 'checks' | 'notes'>) => ({
    value: { ...value, checks: [], notes: [] },
    hidden: [...hidden],
  });
  const { repository, issue, sender } = trigger;
  switch (trigger.kind) {
    case 'review': {
      const review = await github.call(repository, 'read the review', (octokit) =>
        readReview(octokit, repository, issue.number, trigger.reviewId),
      );
      if (!review) throw stopped('the review is gone');
      if (review.state === 'dismissed') throw stopped('the review was dismissed');
      const { login: bot } = await github.bot();
      const open = review.threads.filter((thread) => !wasTakenBack(thread, bot));
      if (!hasRequest({ ...review, threads: open }))
        throw stopped('nothing is asked for in the review any more');
      const threads = open.map(
        ({ id, path, line, outdated, comments }): Thread => ({
          id,
          path,
          line,
          outdated,
          // Whoever else wrote into the thread was not asked whether they may.
          comments: comments
            .filter(({ author, ours }) => ours || author === bot || author === sender.login)
            .map(({ author, body }) => ({ author, body: clean(body, 'a comment of the review') })),
        }),
      );
      return said({
        kind: 'review',
        author: sender.login,
        instructions: clean(review.body, 'the review'),
        threads,
      });
    }
    case 'command':
      return said({
        kind: 'command',
        author: sender.login,
        instructions: clean(trigger.instructions, 'the command'),
        threads: [],
      });
    case 'answer':
      return said({
        kind: 'answer',
        author: sender.login,
        instructions: clean(trigger.instructions, 'the answer'),
        threads: [],
      });
    case 'ci-failure':
      return readCiFailures(run, trigger.headSha, parts);
    case 'conflict':
      return said({ kind: 'conflict', author: null, instructions: '', threads: [] });
    default:
      throw new Error(`a follow-up cannot be had of the trigger ${trigger.kind}`);
  }
}

/**
 * What people resolve they want no more. GitHub leaves a thread resolved when somebody answers in it: one that is older than
 * the review was resolved before, and so may one be that the bot resolved.
 */
function wasTakenBack({ resolvedBy, comments }: ReadThread, bot: string): boolean {
  return resolvedBy !== null && `${resolvedBy}[bot]` !== bot && comments[0]?.ours === true;
}

function stopped(reason: string): RunEndedError {
  return new RunEndedError({ kind: 'stopped', reason });
}
