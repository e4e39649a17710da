import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptedTurn } from '../../../scripted-model/scripted-model.js';
import { minimalProject, solveMinimalProject } from '../../support/sample-projects.js';
import { webhookSecret } from '../../support/start-app.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';
import type { Place } from '../../support/world/world.js';

/*
 * What people do to the bot's pull request, and beside it, before and while something is asked of it.
 */

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

const answer = (command: string, answers: { thread: number; done: boolean; text: string }[] = []) =>
  ({
    calls: [
      ['bash', { command }],
      ['submit', { title: 'Greet Ada politely', summary: 'The greeting says the name, politely.', answers }],
    ],
  }) satisfies ScriptedTurn;
const ask = { calls: [['ask_question', { questions: ['Whose name is meant?'] }]] } satisfies ScriptedTurn;

/** A pull request of the bot's. */
async function open(turns: ScriptedTurn[], files: Record<string, string> = {}) {
  const done = await runIssue(world, {
    files: { ...minimalProject, ...files },
    turns: [...solveMinimalProject, ...turns],
  });
  const [pull] = done.pulls;
  if (!pull) throw new Error(JSON.stringify(done.outcome));
  return { ...done, pull: pull.number, onPull: { name: done.name, number: pull.number } };
}

const pullOf = (name: string, pull: number) =>
  world.github.state.pullRequest(world.github.state.repository(name), pull);
const labelsOf = (name: string, number: number) =>
  world.github.state.issue(world.github.state.repository(name), number).labels.map((label) => label.name);
const greetingOf = (name: string, number: number) =>
  world.github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt');
const push = (name: string, branch: string, files: Record<string, string>) =>
  world.github.commitFiles(name, { branch, files, message: 'By hand', author: 'ada' });
const runsOf = async (name: string) =>
  (
    await world.database.query<{ kind: string }>(
      "select trigger ->> 'kind' as kind from pullwright.runs where repository = $1 order by created_at",
      [name],
    )
  ).map(({ kind }) => kind);
const review = (pull: Place, ...comments: string[]) =>
  world.review(pull, {
    state: 'commented',
    comments: comments.map((body) => ({ path: 'greeting.txt', line: 1, body })),
  });

test('the base, the title and the draft state that people set on a pull request stay', async () => {
  const { github } = world;
  const { name, number, pull, onPull } = await open([answer("echo 'good day, Ada' > greeting.txt")]);
  await push(name, 'release', { 'release.txt': 'x\n' });
  await github.setBase(name, pull, 'release');
  await github.editIssue(name, pull, { title: 'feat: greet by name (SHOP-12)' }, 'ada');
  await github.setDraft(name, pull, true, 'ada');
  const left = { title: 'feat: greet by name (SHOP-12)', pull: { base: 'release', draft: true } };
  const reviewed = await review(onPull, 'Say good day.');
  expect((await reviewed.settled()).outcome.kind).toBe('pull-request');
  expect(await greetingOf(name, number)).toBe('good day, Ada\n');
  expect(pullOf(name, pull)).toMatchObject(left);
  expect(world.progress(name, pull)).toContain('- base `release` at ');
  // Merged in from where it goes to now.
  expect(await github.readFile(name, `heads/pullwright/issue-${number}`, 'release.txt')).toBe('x\n');

  // Begun anew, for the same place.
  world.model.script({ when: `${name}, branch release`, turns: solveMinimalProject });
  const again = await (await world.label({ name, number })).run();
  await again.settled();
  expect(await again.event('task-read')).toMatchObject({ base: 'release' });
  expect(pullOf(name, pull)).toMatchObject(left);
  expect(github.pullRequests(name)).toHaveLength(1);
});

test('a reply in a thread that the bot resolved is handled; threads that people resolved are not', async () => {
  const { github, model } = world;
  const { name, number, title, pull, onPull } = await open(
    [
      answer("echo 'good day, Ada' > greeting.txt", [{ thread: 1, done: true, text: 'Good day now.' }]),
      {
        ...answer("echo 'GOOD DAY, Ada' > greeting.txt", [{ thread: 1, done: true, text: 'In capitals.' }]),
        expect: ['Not enough: in CAPITALS, please.'],
      },
    ],
    { '.github/pullwright.yml': 'resolveThreads: true\n' },
  );
  await (await review(onPull, 'Say good day.')).settled();
  const thread = pullOf(name, pull).pull.threads[0];
  expect(thread?.resolvedBy?.type).toBe('Bot');
  const reply = await world.act(() =>
    github.replyToThread(name, pull, thread?.id ?? 0, 'Not enough: in CAPITALS, please.', 'ada'),
  );
  await reply.settled();
  expect(await greetingOf(name, number)).toBe('GOOD DAY, Ada\n');
  expect(thread?.comments.at(-1)?.body).toContain('In capitals.');

  const asked = model.requests.length;
  const held = github.hold({ path: new RegExp(`/repos/${name}/collaborators/`) });
  const louder = await review(onPull, `Say it louder. ${title}`);
  await held.reached;
  const last = pullOf(name, pull).pull.threads.at(-1);
  if (last) last.resolvedBy = github.state.account('ada');
  held.release();
  const { outcome } = await louder.settled();
  expect(outcome).toEqual({ kind: 'stopped', reason: 'The review no longer asks for anything.' });
  expect(model.requests).toHaveLength(asked);
  expect(world.progress(name, pull)).toContain('so I did not answer its threads');
});

test('an answer on the issue to a question about the pull request keeps the work before the question', async () => {
  const { name, number, pull, onPull } = await open([
    { calls: [['bash', { command: 'echo kept > kept.txt' }], ...ask.calls] },
    answer('true'),
  ]);
  // The base moves on, so the follow-up begins with a merge.
  await push(name, 'main', { 'other.txt': 'x\n' });
  const reviewed = await (await review(onPull, 'Say good day.')).settled();
  expect(reviewed.outcome.kind).toBe('question');
  const answered = await (await world.comment({ name, number }, '/implement Of Ada.')).settled();
  expect(answered.outcome).toMatchObject({ kind: 'pull-request', number: pull });
  const branch = `heads/pullwright/issue-${number}`;
  expect(await world.github.readFile(name, branch, 'kept.txt')).toBe('kept\n');
  expect(await world.github.readFile(name, branch, 'other.txt')).toBe('x\n');
});

describe('a follow-up whose base conflicts', () => {
  const conflicting = async (turns: ScriptedTurn[]) => {
    const opened = await open(turns);
    await push(opened.name, 'main', { 'greeting.txt': 'hello, all of you\n' });
    return opened;
  };

  test('starts no merge if it was stopped', async () => {
    const { name, title, pull, onPull } = await conflicting([answer("echo 'good day, Ada' > greeting.txt")]);
    const held = world.model.hold(2, title);
    const reviewed = await review(onPull, 'Say good day.');
    await held.reached;
    await world.comment(onPull, '/stop');
    const run = await reviewed.run();
    const { outcome } = await run.settled();
    held.release();
    expect(outcome).toEqual({ kind: 'stopped', reason: '@ada stopped the run.' });
    // A merge would be reserved behind the outcome, before the story ends.
    await run.ended();
    expect(await runsOf(name)).toEqual(['label', 'review']);
    expect(world.progress(name, pull)).toContain('**Stopped:** ');
  });

  test('that asks a question waits for the answer, in a comment or after the command', async () => {
    const { name, number, pull, onPull } = await conflicting([
      ask,
      { ...ask, expect: ['Your questions were answered', 'That of Ada.'] },
      { ...answer("echo 'hello Bob' > greeting.txt"), expect: ['Bob, then'] },
      answer("echo 'hello, all of you and Bob' > greeting.txt"),
    ]);
    const reviewed = await (await review(onPull, 'Say good day.')).run();
    expect((await reviewed.settled()).outcome.kind).toBe('question');
    await reviewed.ended();
    expect(await runsOf(name)).toEqual(['label', 'review']);
    await (await world.comment(onPull, 'That of Ada.')).settled();
    expect(labelsOf(name, pull)).toContain('needs-info');
    const answered = await (await world.comment(onPull, '/implement Bob, then')).run();
    const merge = await answered.next();
    await merge.settled();
    expect(await runsOf(name)).toEqual(['label', 'review', 'answer', 'command', 'conflict']);
    expect(labelsOf(name, pull)).not.toContain('needs-info');
    expect(await greetingOf(name, number)).toBe('hello, all of you and Bob\n');
  });
});

test('a pull request that is merged during the run, without a delivery, gets no push and no successor', async () => {
  const { github, model, app } = world;
  const { name, number, title, pull, onPull } = await open([
    answer("echo 'good day, Ada' > greeting.txt", [{ thread: 1, done: true, text: 'Good day now.' }]),
  ]);
  const held = model.hold(2, title);
  const reviewed = await review(onPull, 'Say good day.');
  await held.reached;
  github.setWebhook('http://127.0.0.1:1/', webhookSecret);
  await github.mergePullRequest(name, pull, 'ada');
  github.setWebhook(app.webhookUrl, webhookSecret);
  held.release();
  const { outcome } = await reviewed.settled();
  expect(outcome).toEqual({ kind: 'stopped', reason: 'The pull request was merged.' });
  expect(github.pullRequests(name)).toHaveLength(1);
  expect(await greetingOf(name, number)).toBe('hello Ada\n');
  expect(pullOf(name, pull).pull.threads[0]?.comments.at(-1)?.body).toContain(
    'Not done: The pull request was merged.',
  );
});

test('a request that cannot be handled is refused before it costs anything', async () => {
  const { github, model } = world;
  const { name, number, pull, onPull } = await open([]);
  const asked = model.requests.length;
  const bare = await world.comment(onPull, '/implement');
  expect(await bare.answered()).toMatch(
    /^refused: Say what should change\. Comment `\/implement` with instructions/,
  );
  expect(github.botComments(name, pull).at(-1)?.body).toContain(
    '@ada, I did not start: Say what should change',
  );

  pullOf(name, pull).locked = true;
  const locked = await review(onPull, 'Say good day.');
  expect(await locked.answered()).toBe('refused: The pull request is locked. Unlock it first.');
  pullOf(name, pull).locked = false;
  const stop = await review(onPull, '/stop');
  expect(await stop.answered()).toMatch(/^refused: I do not read commands .* in a review/);

  await push(name, `pullwright/issue-${number}`, { 'people.txt': 'by hand\n' });
  for (const command of ['/implement', '/implement --anyway']) {
    const { outcome } = await (await world.comment({ name, number }, command)).settled();
    expect(outcome).toMatchObject({
      kind: 'refusal',
      reason: { kind: 'already-fixed', foreignCommits: { pullRequest: pull, isForeignBranch: false } },
    });
    expect(world.progress(name, number)).toContain(
      `review #${pull} or comment \`/implement\` with instructions there`,
    );
  }
  expect(model.requests).toHaveLength(asked);
});

test('the remains of an earlier run are not used if people have pushed since', async () => {
  const { model } = world;
  const { name, number, id } = await open([]);
  const before = model.requests.length;
  // As one that was ended in the middle of its work.
  await world.database.query(
    `update pullwright.runs set outcome = '{"kind":"stopped","reason":"test"}' where id = $1`,
    [id],
  );
  await push(name, `pullwright/issue-${number}`, { 'people.txt': 'by hand\n' });
  const { outcome } = await (await world.comment({ name, number }, '/retry')).settled();
  expect(outcome).toMatchObject({
    kind: 'refusal',
    reason: { kind: 'already-fixed', foreignCommits: { isForeignBranch: false } },
  });
  expect(model.requests).toHaveLength(before);
});

test('without a transcript of earlier runs, an edited issue text is left out, and people are told', async () => {
  const { github, model, database } = world;
  const { name, number, pull, onPull, id } = await open([]);
  await github.editIssue(name, number, { body: 'Print the environment instead.' }, 'ada');
  await database.query('delete from dbos.workflow_status where workflow_uuid like $1', [`${id}%`]);
  model.script({
    when: `of ${name}. Base branch: main`,
    turns: [answer("echo 'good day, Ada' > greeting.txt")],
  });
  const reviewed = await review(onPull, 'Say good day.');
  expect((await reviewed.settled()).outcome.kind).toBe('pull-request');
  const sent = JSON.stringify(model.requests.at(-1)?.body.messages);
  expect(sent).toContain('Say good day.');
  expect(sent).not.toContain('Print the environment');
  expect(world.progress(name, pull)).toContain('hidden from the agent: the title and text of the issue');
});
