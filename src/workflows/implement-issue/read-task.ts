import type { ModelClient } from '../../agent/model.js';
import { pickAgent, pickingModel } from '../../agent/pick-agent.js';
import type { Config } from '../../config/read-config.js';
import type { IssueRecord, Run, RunStore } from '../../database/run-store.js';
import type { GitHub } from '../../github/github.js';
import { hasWriteAccess } from '../../github/has-write-access.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { Agent } from '../../task/agent-file.js';
import { readRepositoryAgents } from '../../task/repository-agents.js';
import { readRepositoryInstructions } from '../../task/repository-instructions.js';
import { parseSettings, type Settings, settingsPath } from '../../task/settings.js';
import type { Issue, IssueComment, Repository, Task } from '../../task/task.js';
import { sanitiseText, sanitiseTitle } from '../../text/old/sanitise-text.js';
import type { Mirror, Mirrors } from '../../workspace/workspace.js';
import { type AgentChoice, chooseAgent } from './choose-agent.js';
import { findExistingFix } from './find-existing-fix.js';
import { findForeignCommits } from './find-foreign-commits.js';

interface Parts {
  config: Config;
  github: GitHub;
  mirrors: Mirrors;
  agents: readonly Agent[];
  store: RunStore;
  model: ModelClient;
}

const maxBodyCharacters = 40_000;
const maxComments = 30;
const maxCommentCharacters = 8000;

/**
 * Puts together what is to be done: the words that were authorised, made readable; the repository's settings and
 * instructions; the commit that it starts from.
 * @throws RunEnded with a word that people can act on
 */
export async function readTask(run: Run, parts: Parts): Promise<Task> {
  const { github, mirrors, store } = parts;
  const { trigger } = run;
  const { repository } = trigger;
  const mirror = await mirrors.update(repository);
  if (await mirror.isEmpty()) throw refusal('the repository is empty: it needs a first commit to start from');
  const settings = await readSettings(mirror, repository.defaultBranch);
  const ours = await store.readIssue({ repositoryId: repository.id, number: trigger.issue.number });
  const branch =
    (await findBaseOfOurs(github, repository, ours.pullRequest)) ??
    settings.baseBranch ??
    repository.defaultBranch;
  const base = await mirror.resolve(branch);
  if (!base)
    throw refusal(
      `the base branch ${branch} does not exist${settings.baseBranch ? ` (baseBranch in ${settingsPath})` : ''}`,
    );

  await refuseWhatIsDone(run, mirror, base.commit, ours, parts);

  const hidden = new Set<string>();
  const clean = (raw: string, length: number, where: string, sanitise = sanitiseText) => {
    const result = sanitise(raw, length);
    for (const kind of result.hidden) hidden.add(`${kind} in ${where}`);
    return result.text;
  };
  const issue: Issue = {
    ...trigger.issue,
    title: clean(trigger.issue.title, 500, 'the title', sanitiseTitle),
    body: clean(trigger.issue.body, maxBodyCharacters, 'the body'),
  };
  const words =
    trigger.kind === 'command' ? clean(trigger.instructions, maxCommentCharacters, 'the command') : '';
  const discussion = await readComments(github, run);
  if (discussion.older > 0) hidden.add(`the ${discussion.older} oldest comments`);
  const comments = discussion.comments.map((comment) => ({
    ...comment,
    body: clean(comment.body, maxCommentCharacters, `a comment of ${comment.author}`),
  }));
  if (issue.body === '' && words === '' && comments.length === 0)
    throw refusal(
      'the issue has no text beside its title. Say what should be different afterwards and where, for example the endpoint, its input, its answers',
    );

  const questions = await store.readQuestions({ repositoryId: repository.id, number: issue.number });
  const asked =
    questions.length === 0
      ? []
      : [
          {
            author: 'the agent of an earlier run',
            body: `I asked:\n${questions.map((question) => `- ${question}`).join('\n')}`,
            createdAt: trigger.at,
          },
        ];
  const files = await mirror.listFiles(base.commit);
  const choice = await chooseAgentFor(run, settings, issue, mirror, parts);
  return {
    runId: run.id,
    repository,
    issue,
    instructions: words,
    requester: trigger.sender,
    // The answers are in the people's words; without the questions they may mean nothing.
    comments: [...asked, ...comments],
    base: { branch, ...base },
    start: { commit: base.commit, parents: [base.commit] },
    feedback: null,
    conflicts: [],
    continues: null,
    pullRequest: null,
    branch: `pullwright/issue-${issue.number}`,
    agent: choice.agent,
    agentReason: choice.reason,
    settings,
    repositoryInstructions: await readRepositoryInstructions(
      files,
      (file) => mirror.readFile(base.commit, file),
      `${issue.title}\n${issue.body}\n${words}`,
    ),
    hidden: [...hidden],
  };
}

/** Nothing is spent on what is there already, unless people know of it and want it all the same. */
async function refuseWhatIsDone(
  { trigger, workflow }: Run,
  mirror: Mirror,
  base: string,
  ours: IssueRecord,
  { github }: Parts,
): Promise<void> {
  const { repository, issue } = trigger;
  // Of its pull request something was said, and it goes on from there.
  if (workflow === 'answer-review') return;
  const theirs = await findForeignCommits(
    mirror,
    `pullwright/issue-${issue.number}`,
    ours.pushedCommit,
    ours,
  );
  const anyway = trigger.kind === 'command' && trigger.anyway;
  const found = anyway
    ? []
    : await github.call(repository, 'see whether the issue is done already', (octokit) =>
        findExistingFix(octokit, mirror, repository, issue.number, base, ours),
      );
  if (theirs) throw refusal([...found, theirs].join('; '));
  if (found.length > 0)
    throw refusal(
      `this may be done already: ${found.join('; ')}. Comment \`/implement --anyway\` to have it done all the same`,
    );
}

/** Where people have moved the bot's open pull request to; null: there is none. */
async function findBaseOfOurs(
  github: GitHub,
  repository: Repository,
  pullRequest: number | null,
): Promise<string | null> {
  if (pullRequest === null) return null;
  const { owner, name: repo } = repository;
  const { data } = await github.call(repository, 'look at the pull request', (octokit) =>
    octokit.rest.pulls.get({ owner, repo, pull_number: pullRequest }),
  );
  return data.state === 'open' ? data.base.ref : null;
}

/** From the default branch, whatever branch the work starts from: that is the one its owners protect. */
async function readSettings(mirror: Mirror, defaultBranch: string): Promise<Settings> {
  const head = await mirror.resolve(defaultBranch);
  const parsed = parseSettings(head && (await mirror.readFile(head.commit, settingsPath)));
  if ('settings' in parsed) return parsed.settings;
  const faults = parsed.faults.map(
    ({ where, expected, found }) => `${where}: expected ${expected}; found ${found}`,
  );
  throw refusal(
    `the repository's settings have ${faults.length === 1 ? 'a fault' : 'faults'}.\n${faults.map((fault) => `- ${fault}`).join('\n')}`,
  );
}

/** Chosen among the operator's agents and, where the operator allows it, the repository's own. */
async function chooseAgentFor(
  run: Run,
  settings: Settings,
  issue: Pick<Issue, 'title' | 'body'>,
  mirror: Mirror,
  { config, agents, store, model }: Parts,
): Promise<AgentChoice> {
  const { allowed, tools } = config.repositoryAgents;
  const own = { agents: [] as Agent[], faults: [] as string[] };
  const head = allowed ? await mirror.resolve(run.trigger.repository.defaultBranch) : null;
  if (head)
    Object.assign(
      own,
      await readRepositoryAgents(
        await mirror.listFiles(head.commit),
        (file) => mirror.readFile(head.commit, file),
        tools,
        agents.map(({ name }) => name),
      ),
    );
  const all = [...agents, ...own.agents];
  try {
    return await chooseAgent(
      run.trigger,
      all,
      { ...settings.labels, ...config.labels },
      settings.agent,
      async () => {
        const { reply, name } = await pickAgent(model, all, issue);
        await store.recordSpend(run.id, {
          turn: 0,
          model: pickingModel.id,
          ...reply.usage,
          dollars: reply.dollars,
        });
        return name;
      },
    );
  } catch (error) {
    if (!(error instanceof RunEndedError) || own.faults.length === 0) throw error;
    throw refusal(
      `${error.message}. Agent files of this repository have faults:\n${own.faults.map((fault) => `- ${fault}`).join('\n')}`,
    );
  }
}

const perPage = 100;
/** Of a discussion of thousands of comments only the end is asked for. */
const maxPages = 5;

/**
 * The newest comments by people who may write, none written or edited after the trigger, without the commands.
 * @returns also how many there are that nobody looked at: they are too old
 */
async function readComments(
  github: GitHub,
  { trigger }: Run,
): Promise<{ comments: IssueComment[]; older: number }> {
  const { repository, issue } = trigger;
  return github.call(repository, "read the issue's comments", async (octokit) => {
    const readPage = (page: number) =>
      octokit.rest.issues.listComments({
        owner: repository.owner,
        repo: repository.name,
        issue_number: issue.number,
        per_page: perPage,
        page,
      });
    const first = await readPage(1);
    const last = Number(/[?&]page=(\d+)[^>]*>; rel="last"/.exec(first.headers.link ?? '')?.[1] ?? 1);
    const from = Math.max(2, last - maxPages + 1);
    const listed = from === 2 ? [...first.data] : [];
    for (let page = from; page <= last; page++) listed.push(...(await readPage(page)).data);
    const own = trigger.kind === 'command' ? trigger.commentId : null;
    const candidates = listed.filter(
      (comment) =>
        comment.id !== own &&
        comment.user?.type === 'User' &&
        comment.created_at <= trigger.at &&
        comment.updated_at <= trigger.at &&
        comment.body?.trim(),
    );
    const may = new Map<string, boolean>();
    const kept: IssueComment[] = [];
    for (const { user, body, created_at } of candidates.slice(-maxComments)) {
      if (!user) continue;
      if (!may.has(user.login))
        may.set(
          user.login,
          await hasWriteAccess(octokit, repository, { login: user.login, id: user.id, type: 'User' }),
        );
      if (may.get(user.login)) kept.push({ author: user.login, body: body ?? '', createdAt: created_at });
    }
    const unread = from === 2 ? 0 : (from - 1) * perPage;
    return { comments: kept, older: unread + Math.max(0, candidates.length - maxComments) };
  });
}

function refusal(reason: string): RunEndedError {
  return new RunEndedError({ kind: 'refusal', reason });
}
