import { readIssue } from '../../database/issues.js';
import { readQuestions } from '../../database/open-questions.js';
import { appendEvent } from '../../database/run-events.js';
import { addAssignees } from '../../github/issues.js';
import { readPull } from '../../github/pulls.js';
import { fieldsOfRun } from '../../runs/log-fields.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { RefusalReason } from '../../runs/refusal-reason.js';
import type { IssueKey, Run } from '../../runs/run.js';
import { readRepositoryInstructions } from '../../task/repository-instructions.js';
import { parseSettings, type Settings, settingsPath } from '../../task/settings.js';
import type { ImageReference, Issue, IssueComment, Task } from '../../task/task.js';
import { sanitizeText, sanitizeTitle } from '../../text/sanitize.js';
import type { Mirror } from '../../workspace/workspace.js';
import type { Dependencies } from '../dependencies.js';
import { ifGitHubAllows } from '../if-github-allows.js';
import { findPersonToTell } from '../run/control/find-person-to-tell.js';
import { findReferences } from '../run/images/find-references.js';
import { taskLimits } from '../run/task-limits.js';
import { chooseAgent, keepMention, readOwnAgents } from './choose-agent.js';
import { continueTask } from './continue-task.js';
import { findExistingFixes } from './find-existing-fixes.js';
import { acceptMerges, findForeignCommits } from './find-foreign-commits.js';
import { findUnanswered, issueTemplate } from './find-unanswered.js';
import { readComments } from './read-comments.js';
import { isPlanOnly } from './show-plan.js';

const maxBodyCharacters = 40_000;
const maxCommentCharacters = 8000;
const maxTemplates = 20;

/**
 * Continues an earlier run's task, or reads a new task from the issue.
 * @throws RunEndedError with a problem that people can fix, such as an invalid settings file
 */
export async function readTask(d: Dependencies, run: Run): Promise<Task> {
  const { resume } = run.trigger;
  const task = (resume && (await continueTask(d, run, resume))) || (await readNewTask(d, run));
  await recordTask(d, task);
  if (task.settings.assignRequester && !isPlanOnly(run)) await assignRequester(d, run);
  return task;
}

async function assignRequester({ db, github, log }: Dependencies, run: Run): Promise<void> {
  const { repository } = run.trigger;
  const person = await findPersonToTell(db, run);
  if (!person) return;
  await ifGitHubAllows(log, fieldsOfRun(run), 'could not assign the issue', () =>
    addAssignees(github, repository, run.issueNumber, [person.login]),
  );
}

export async function recordTask(d: Pick<Dependencies, 'db'>, task: Task): Promise<void> {
  const { base, agent, agentReason, model, effort, hidden, budget } = task;
  await appendEvent(d.db, task.runId, {
    type: 'task-read',
    base: base.branch,
    commit: base.commit,
    agent: agent.name,
    agentReason,
    model,
    effort,
    hidden,
    budget: { turns: budget.turns, dollars: budget.dollars },
  });
}

/**
 * Reads a new task: the issue's text as it was authorized, the repository's settings and instructions, and
 * the commit to start from.
 */
export async function readNewTask(d: Dependencies, requested: Run): Promise<Task> {
  const { repository } = requested.trigger;
  const mirror = await d.mirrors.update(repository);
  if (await mirror.isEmpty()) throw refusal({ kind: 'empty-repository' });
  const settings = await readSettings(mirror, repository.defaultBranch);
  const own = await readOwnAgents(d, requested, mirror);
  const run = await keepMention(d, requested, own);
  const { trigger } = run;
  const key = { repositoryId: repository.id, number: trigger.issue.number };
  const base = await findBase(d, run, mirror, settings, key);
  if (!isPlanOnly(run)) await refuseExistingWork(d, run, mirror, base.commit, key);

  const { issue, instructions, comments, hidden, images } = await readRequest(d, run);
  if (!isPlanOnly(run) && instructions === '' && comments.length === 0)
    await refuseEmptyIssue(issue, mirror, base.commit);
  const asked = await readEarlierQuestions(d, run, key);
  const { agent, reason } = await chooseAgent(d, run, settings, issue, own);
  const files = await mirror.listFiles(base.commit);
  return {
    runId: run.id,
    repository,
    issue,
    instructions,
    requester: trigger.sender,
    // The earlier questions come first, because an answer may be impossible to understand without its
    // question.
    comments: [...asked, ...comments],
    images: images.map((image) =>
      typeof image.part === 'number' ? { ...image, part: image.part + asked.length } : image,
    ),
    base,
    start: { commit: base.commit, parents: [base.commit], diffBase: base.commit },
    feedback: null,
    conflicts: [],
    continues: null,
    pullRequest: null,
    branch: `pullwright/issue-${issue.number}`,
    agent,
    agentReason: reason,
    settings,
    ...taskLimits(d, trigger, { agent, settings }, null),
    repositoryInstructions: await readRepositoryInstructions(
      files,
      (file) => mirror.readFile(base.commit, file),
      `${issue.title}\n${issue.body}\n${instructions}`,
    ),
    hidden,
  };
}

/** Refuses an issue whose body is empty, or is a template that nobody filled in. */
async function refuseEmptyIssue({ body }: Issue, mirror: Mirror, base: string): Promise<void> {
  const files = (await mirror.listFiles(base)).filter((file) => issueTemplate.test(file));
  const templates = await Promise.all(
    files.slice(0, maxTemplates).map((file) => mirror.readFile(base, file)),
  );
  const unanswered = findUnanswered(
    body,
    templates.filter((text) => text !== null),
  );
  if (unanswered) throw refusal({ kind: 'empty-issue', unanswered });
}

/**
 * Reads the settings from the default branch, because owners protect that branch. The base branch of the work
 * may be a different one.
 */
async function readSettings(mirror: Mirror, defaultBranch: string): Promise<Settings> {
  const head = await mirror.resolve(defaultBranch);
  const parsed = parseSettings(head && (await mirror.readFile(head.commit, settingsPath)));
  if ('settings' in parsed) return parsed.settings;
  const faults = parsed.faults.map(
    ({ where, expected, found }) => `${where}: expected ${expected}; found ${found}`,
  );
  throw refusal({ kind: 'invalid-settings', faults });
}

/**
 * Finds the base branch and its newest commit. The base branch is (1) the base of the bot's open pull
 * request, because people may have changed it; (2) without an open pull request, the branch that the settings
 * name; or (3) the default branch.
 */
async function findBase(
  d: Dependencies,
  { trigger: { repository } }: Run,
  mirror: Mirror,
  settings: Settings,
  key: IssueKey,
): Promise<Task['base']> {
  const { pullRequest } = await readIssue(d.db, key);
  const pull = pullRequest === null ? null : await readPull(d.github, repository, pullRequest);
  const branch = (pull?.isOpen ? pull.baseRef : null) ?? settings.baseBranch ?? repository.defaultBranch;
  const base = await mirror.resolve(branch);
  if (!base)
    throw refusal({ kind: 'base-branch-missing', branch, isSetting: branch === settings.baseBranch });
  return { branch, ...base };
}

/**
 * Refuses the run if the issue is already fixed, or if someone else pushed to the bot's branch. With the
 * option `--anyway`, an existing fix does not stop the run.
 */
async function refuseExistingWork(
  d: Dependencies,
  { trigger, workflow }: Run,
  mirror: Mirror,
  base: string,
  key: IssueKey,
): Promise<void> {
  // A follow-up continues the bot's existing pull request, so existing work is expected.
  if (workflow === 'answer-review') return;
  const { repository, issue } = trigger;
  const branch = `pullwright/issue-${issue.number}`;
  const record = await acceptMerges(d, mirror, key, { branch, base });
  const foreignCommits = await findForeignCommits(mirror, branch, record.pushedCommit, record);
  const isWanted = trigger.kind === 'command' && trigger.anyway;
  const fixes = isWanted ? [] : await findExistingFixes(d, mirror, repository, issue.number, base, record);
  if (foreignCommits || fixes.length > 0) throw refusal({ kind: 'already-fixed', fixes, foreignCommits });
}

/**
 * Reads the issue, the command's instructions and the comments as they were at the time of the trigger.
 * Removes parts that GitHub does not show to people.
 */
async function readRequest(
  d: Dependencies,
  run: Run,
): Promise<{
  issue: Issue;
  instructions: string;
  comments: IssueComment[];
  hidden: string[];
  images: ImageReference[];
}> {
  const { trigger } = run;
  const hidden = new Set<string>();
  const clean = (raw: string, length: number, where: string, sanitize = sanitizeText) => {
    const result = sanitize(raw, length);
    for (const kind of result.hidden) hidden.add(`${kind} in ${where}`);
    return result.text;
  };
  const issue: Issue = {
    ...trigger.issue,
    title: clean(trigger.issue.title, 500, 'the title', sanitizeTitle),
    body: clean(trigger.issue.body, maxBodyCharacters, 'the body'),
  };
  const asked = trigger.kind === 'command' ? trigger.instructions : '';
  const instructions = clean(asked, maxCommentCharacters, 'the command');
  const { comments, older } = await readComments(d, run);
  if (older > 0) hidden.add(`the ${older} oldest comments`);
  const cleaned = comments.map((comment) => ({
    ...comment,
    body: clean(comment.body, maxCommentCharacters, `a comment by ${comment.author}`),
  }));
  const images = [
    ...findReferences(trigger.issue.body, 'issue', 'the issue'),
    ...comments.flatMap(({ author, body }, index) => findReferences(body, index, `a comment by ${author}`)),
    ...findReferences(asked, 'request', 'the command'),
  ];
  return { issue, instructions, comments: cleaned, hidden: [...hidden], images };
}

async function readEarlierQuestions(d: Dependencies, run: Run, key: IssueKey): Promise<IssueComment[]> {
  const questions = await readQuestions(d.db, key);
  if (questions.length === 0) return [];
  const body = `I asked:\n${questions.map((question) => `- ${question}`).join('\n')}`;
  return [{ author: 'the agent of an earlier run', body, createdAt: run.trigger.at }];
}

function refusal(reason: RefusalReason): RunEndedError {
  return new RunEndedError({ kind: 'refusal', reason });
}
