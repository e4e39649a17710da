import type { Config } from '../config.js';
import type { GitHub } from '../github/github.js';
import { mayWrite } from '../intake/may-write.js';
import type { Run, RunStore } from '../runs/run-store.js';
import { RunEnded } from '../runs/settlement.js';
import type { Agent } from '../task/agent-file.js';
import { agentOfLabel } from '../task/agent-of-label.js';
import { readInstructions } from '../task/read-instructions.js';
import { sanitiseText } from '../task/sanitise-text.js';
import { parseSettings, type Settings, settingsPath } from '../task/settings.js';
import type { Issue, IssueComment, Task } from '../task/task.js';
import type { Mirror, Mirrors } from '../workspace/mirror.js';

interface Parts {
  config: Config;
  github: GitHub;
  mirrors: Mirrors;
  agents: readonly Agent[];
  store: RunStore;
}

const maxBodyCharacters = 40_000;
const maxComments = 30;
const maxCommentCharacters = 8000;

/**
 * Puts together what is to be done: the words that were authorised, made readable; the repository's settings and
 * instructions; the commit that it starts from.
 * @throws RunEnded with a word that people can act on
 */
export async function readTask(run: Run, { config, github, mirrors, agents, store }: Parts): Promise<Task> {
  const { trigger } = run;
  const { repository } = trigger;
  const mirror = await mirrors.update(repository);
  if (await mirror.isEmpty()) throw refusal('the repository is empty: it needs a first commit to start from');
  const settings = await readSettings(mirror, repository.defaultBranch);
  const branch = settings.baseBranch ?? repository.defaultBranch;
  const base = await mirror.resolve(branch);
  if (!base)
    throw refusal(
      `the base branch ${branch} does not exist${settings.baseBranch ? ` (baseBranch in ${settingsPath})` : ''}`,
    );

  const hidden = new Set<string>();
  const clean = (raw: string, length: number, where: string) => {
    const result = sanitiseText(raw, length);
    for (const kind of result.hidden) hidden.add(`${kind} in ${where}`);
    return result.text;
  };
  const issue: Issue = {
    ...trigger.issue,
    title: clean(trigger.issue.title, 500, 'the title'),
    body: clean(trigger.issue.body, maxBodyCharacters, 'the body'),
  };
  const words = trigger.kind === 'command' ? clean(trigger.words, maxCommentCharacters, 'the command') : '';
  const comments = (await readComments(github, run)).map((comment) => ({
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
  return {
    runId: run.id,
    repository,
    issue,
    words,
    requester: trigger.sender,
    // The answers are in the people's words; without the questions they may mean nothing.
    comments: [...asked, ...comments],
    base: { branch, ...base },
    start: { commit: base.commit, parents: [base.commit] },
    feedback: null,
    continues: null,
    branch: `pullwright/issue-${issue.number}`,
    agent: chooseAgent(run, settings, config, agents),
    settings,
    instructions: await readInstructions(
      files,
      (file) => mirror.readFile(base.commit, file),
      `${issue.title}\n${issue.body}\n${words}`,
    ),
    hidden: [...hidden],
  };
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

function chooseAgent({ trigger }: Run, settings: Settings, config: Config, agents: readonly Agent[]): Agent {
  const labels: Record<string, string> = { ...settings.labels, ...config.labels };
  const name =
    trigger.kind === 'label' ? agentOfLabel(labels, trigger.label) : Object.values(config.labels)[0];
  const agent = agents.find((one) => one.name === name);
  if (!agent)
    throw refusal(
      `there is no agent ${name ?? 'for this label'}; there ${agents.length === 1 ? 'is' : 'are'} ${agents.map((one) => one.name).join(', ')}`,
    );
  return agent;
}

/** The newest comments by people who may write, none written or edited after the trigger, without the commands. */
async function readComments(github: GitHub, { trigger }: Run): Promise<IssueComment[]> {
  const { repository, issue } = trigger;
  return github.call(repository, "read the issue's comments", async (octokit) => {
    const listed = await octokit.paginate(octokit.rest.issues.listComments, {
      owner: repository.owner,
      repo: repository.name,
      issue_number: issue.number,
      per_page: 100,
    });
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
          await mayWrite(octokit, repository, { login: user.login, id: user.id, type: 'User' }),
        );
      if (may.get(user.login)) kept.push({ author: user.login, body: body ?? '', createdAt: created_at });
    }
    return kept;
  });
}

function refusal(because: string): RunEnded {
  return new RunEnded({ kind: 'refusal', because });
}
