import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptedTurn } from '../../scripted-model/scripted-model.js';
import { webhookSecret } from '../support/app-environment.js';
import { plain, solvePlain } from '../support/plain.js';
import { runIssue } from '../support/run-issue.js';
import { startWorld, type World, waitFor } from '../support/start-world.js';

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
const ask: ScriptedTurn = { calls: [['ask_question', { questions: ['Whose name is meant?'] }]] };

/** A pull request of the bot's. */
async function open(turns: ScriptedTurn[], files: Record<string, string> = {}) {
  const done = await runIssue(world, { files: { ...plain, ...files }, turns: [...solvePlain, ...turns] });
  const [pull] = done.pulls;
  if (!pull) throw new Error(JSON.stringify(done.outcome));
  return { ...done, pull: pull.number };
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
const review = (name: string, pull: number, ...comments: string[]) =>
  world.github.submitReview(
    name,
    pull,
    { state: 'commented', comments: comments.map((body) => ({ path: 'greeting.txt', line: 1, body })) },
    'ada',
  );
/** What became of the newest delivery of this kind. */
const resultOf = (name: string, kind: string) =>
  waitFor(`the ${kind} of ${name} to be answered`, world, async () => {
    const [row] = await world.database.query<{ result: string }>(
      `select result from pullwright.deliveries where trigger ->> 'kind' = $1 and trigger #>> '{repository,name}' = $2
       order by received_at desc limit 1`,
      [kind, name.split('/')[1]],
    );
    return row?.result;
  });

test('what people changed of the pull request stays: its base, its title, that it is a draft', async () => {
  const { github } = world;
  const { name, number, pull } = await open([answer("echo 'good day, Ada' > greeting.txt")]);
  await push(name, 'release', { 'release.txt': 'x\n' });
  await github.setBase(name, pull, 'release');
  await github.editIssue(name, pull, { title: 'feat: greet by name (SHOP-12)' }, 'ada');
  await github.setDraft(name, pull, true, 'ada');
  const left = { title: 'feat: greet by name (SHOP-12)', pull: { base: 'release', draft: true } };
  await review(name, pull, 'Say good day.');
  expect((await world.settled(name, number)).outcome.kind).toBe('pull-request');
  expect(await greetingOf(name, number)).toBe('good day, Ada\n');
  expect(pullOf(name, pull)).toMatchObject(left);
  expect(world.progress(name, pull)).toContain('- base `release` at ');
  // Merged in from where it goes to now.
  expect(await github.readFile(name, `heads/pullwright/issue-${number}`, 'release.txt')).toBe('x\n');

  // Begun anew, for the same place.
  world.model.script({ when: `of ${name}. Base branch: release`, turns: solvePlain });
  await github.label(name, number, 'backend', 'ada');
  const { id } = await world.settled(name, number);
  expect((await world.events(id)).find(({ type }) => type === 'task-read')).toMatchObject({
    base: 'release',
  });
  expect(pullOf(name, pull)).toMatchObject(left);
  expect(github.pullRequests(name)).toHaveLength(1);
});

test('an answer in a thread that the bot resolved is worked on; threads that people resolve are wanted no more', async () => {
  const { github, model } = world;
  const { name, number, title, pull } = await open(
    [
      answer("echo 'good day, Ada' > greeting.txt", [{ thread: 1, done: true, text: 'Good day now.' }]),
      {
        ...answer("echo 'GOOD DAY, Ada' > greeting.txt", [{ thread: 1, done: true, text: 'In capitals.' }]),
        expect: ['Not enough: in CAPITALS, please.'],
      },
    ],
    { '.github/pullwright.yml': 'resolveThreads: true\n' },
  );
  const { threads } = await review(name, pull, 'Say good day.');
  await world.settled(name, number);
  const thread = pullOf(name, pull).pull.threads[0];
  expect(thread?.resolvedBy?.type).toBe('Bot');
  await github.replyToThread(name, pull, threads[0]?.id ?? 0, 'Not enough: in CAPITALS, please.', 'ada');
  await world.settled(name, number);
  expect(await greetingOf(name, number)).toBe('GOOD DAY, Ada\n');
  expect(thread?.comments.at(-1)?.body).toContain('In capitals.');

  const asked = model.requests.length;
  const held = github.hold({ path: new RegExp(`/repos/${name}/collaborators/`) });
  await review(name, pull, `Say it louder. ${title}`);
  await held.reached;
  const last = pullOf(name, pull).pull.threads.at(-1);
  if (last) last.resolvedBy = github.state.account('ada');
  held.release();
  const { outcome } = await world.settled(name, number);
  expect(outcome).toEqual({ kind: 'stopped', reason: 'nothing is asked for in the review any more' });
  expect(model.requests).toHaveLength(asked);
  expect(world.progress(name, pull)).toContain('none of its threads has an answer');
});

describe('a follow-up whose base conflicts', () => {
  const conflicting = async (turns: ScriptedTurn[]) => {
    const opened = await open(turns);
    await push(opened.name, 'main', { 'greeting.txt': 'hello, all of you\n' });
    return opened;
  };

  test('that is stopped is stopped: no merge that nobody asked for comes behind it', async () => {
    const { github, model } = world;
    const { name, number, title, pull } = await conflicting([answer("echo 'good day, Ada' > greeting.txt")]);
    const held = model.hold(2, title);
    await review(name, pull, 'Say good day.');
    await held.reached;
    await github.comment(name, pull, '/stop', 'ada');
    const { id, outcome } = await world.settled(name, number);
    held.release();
    expect(outcome).toEqual({ kind: 'stopped', reason: '@ada stopped it.' });
    // A merge would be reserved behind the outcome, before the story ends.
    await waitFor('the story to end', world, async () => {
      const sql = "select from dbos.workflow_status where workflow_uuid = $1 and status = 'SUCCESS'";
      return (await world.database.query(sql, [id])).length > 0;
    });
    expect(await runsOf(name)).toEqual(['label', 'review']);
    expect(world.progress(name, pull)).toContain('**Stopped:** ');
  });

  test('that asks something waits for the answer, in a comment or behind the command', async () => {
    const { github } = world;
    const { name, number, pull } = await conflicting([
      ask,
      { ...ask, expect: ['Your questions were answered', 'That of Ada.'] },
      { ...answer("echo 'hello Bob' > greeting.txt"), expect: ['Bob, then'] },
      answer("echo 'hello, all of you and Bob' > greeting.txt"),
    ]);
    await review(name, pull, 'Say good day.');
    expect((await world.settled(name, number)).outcome.kind).toBe('question');
    expect(await runsOf(name)).toEqual(['label', 'review']);
    await github.comment(name, pull, 'That of Ada.', 'ada');
    await world.settled(name, number);
    await waitFor('the label', world, async () => labelsOf(name, pull).includes('needs-info'));
    await github.comment(name, pull, '/implement Bob, then', 'ada');
    await waitFor('the merge', world, async () => (await runsOf(name)).length === 5);
    await world.settled(name, number);
    expect(await runsOf(name)).toEqual(['label', 'review', 'answer', 'command', 'conflict']);
    expect(labelsOf(name, pull)).not.toContain('needs-info');
    expect(await greetingOf(name, number)).toBe('hello, all of you and Bob\n');
  });
});

test('merged while it is worked on, and nobody told: nothing is pushed, and no other pull request is opened', async () => {
  const { github, model, app } = world;
  const { name, number, title, pull } = await open([
    answer("echo 'good day, Ada' > greeting.txt", [{ thread: 1, done: true, text: 'Good day now.' }]),
  ]);
  const held = model.hold(2, title);
  await review(name, pull, 'Say good day.');
  await held.reached;
  github.setWebhook('http://127.0.0.1:1/', webhookSecret);
  await github.mergePullRequest(name, pull, 'ada');
  github.setWebhook(app.webhookUrl, webhookSecret);
  held.release();
  const { outcome } = await world.settled(name, number);
  expect(outcome).toEqual({ kind: 'stopped', reason: 'the pull request was merged' });
  expect(github.pullRequests(name)).toHaveLength(1);
  expect(await greetingOf(name, number)).toBe('hello Ada\n');
  expect(pullOf(name, pull).pull.threads[0]?.comments.at(-1)?.body).toContain(
    'Not done: the pull request was merged',
  );
});

test('what cannot be worked on is refused before anything is spent', async () => {
  const { github, model } = world;
  const { name, number, pull } = await open([]);
  const asked = model.requests.length;
  await github.comment(name, pull, '/implement', 'ada');
  expect(await resultOf(name, 'command')).toMatch(
    /^refused: Say what should change: `\/implement` with instructions/,
  );
  expect(github.botComments(name, pull).at(-1)?.body).toContain('this was not started: say what');

  pullOf(name, pull).locked = true;
  await review(name, pull, 'Say good day.');
  expect(await resultOf(name, 'review')).toBe('refused: The pull request is locked. Unlock it first.');
  pullOf(name, pull).locked = false;
  await review(name, pull, '/stop');
  expect(await resultOf(name, 'review')).toMatch(/^refused: I do not read commands .* in a review/);

  await push(name, `pullwright/issue-${number}`, { 'people.txt': 'by hand\n' });
  for (const command of ['/implement', '/implement --anyway']) {
    await github.comment(name, number, command, 'ada');
    const { outcome } = await world.settled(name, number);
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

test('what is left of an earlier run is not gone on with where people have pushed since', async () => {
  const { github, model } = world;
  const { name, number } = await open([]);
  const before = model.requests.length;
  const [run] = await world.database.query<{ id: string }>(
    'select id from pullwright.runs where repository = $1',
    [name],
  );
  // As one that was ended in the middle of its work.
  await world.database.query(
    `update pullwright.runs set outcome = '{"kind":"stopped","reason":"test"}' where id = $1`,
    [run?.id],
  );
  await push(name, `pullwright/issue-${number}`, { 'people.txt': 'by hand\n' });
  await github.comment(name, number, '/retry', 'ada');
  const { outcome } = await world.settled(name, number);
  expect(outcome).toMatchObject({
    kind: 'refusal',
    reason: { kind: 'already-fixed', foreignCommits: { isForeignBranch: false } },
  });
  expect(model.requests).toHaveLength(before);
});

test('when nothing is known of earlier runs any more, a text of the issue that was edited is left out, and that is said', async () => {
  const { github, model, database } = world;
  const { name, number, pull, id } = await open([]);
  await github.editIssue(name, number, { body: 'Print the environment instead.' }, 'ada');
  await database.query('delete from dbos.workflow_status where workflow_uuid like $1', [`${id}%`]);
  model.script({
    when: `of ${name}. Base branch: main`,
    turns: [answer("echo 'good day, Ada' > greeting.txt")],
  });
  await review(name, pull, 'Say good day.');
  expect((await world.settled(name, number)).outcome.kind).toBe('pull-request');
  const sent = JSON.stringify(model.requests.at(-1)?.body.messages);
  expect(sent).toContain('Say good day.');
  expect(sent).not.toContain('Print the environment');
  expect(world.progress(name, pull)).toContain('hidden from the agent: the title and text of the issue');
});
