import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import type { ScriptedTurn } from '../../../scripted-model/scripted-model.js';
import { minimalProject, solveMinimalProject } from '../../support/sample-projects.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

const answer = (
  command: string,
  answers: { thread: number; done: boolean; text: string }[],
): ScriptedTurn => ({
  calls: [
    ['bash', { command }],
    ['submit', { title: 'Greet Ada politely', summary: 'The greeting says the name, politely.', answers }],
  ],
});

/** A pull request of the bot's that can be reviewed. */
async function open(turns: ScriptedTurn[], more: Parameters<typeof runIssue>[1] = {}) {
  const done = await runIssue(world, {
    files: minimalProject,
    turns: [...solveMinimalProject, ...turns],
    ...more,
  });
  const [pull] = done.pulls;
  if (done.outcome.kind !== 'pull-request' || !pull) throw new Error(JSON.stringify(done.outcome));
  return { ...done, pull, onPull: { name: done.name, number: pull.number } };
}

const push = (name: string, branch: string, files: Record<string, string>) =>
  world.github.commitFiles(name, { branch, files, message: 'By hand', author: 'ada' });
const headOf = (name: string, number: number) =>
  world.github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt');
const threadsOf = (name: string, pull: number) =>
  world.github.state.pullRequest(world.github.state.repository(name), pull).pull.threads;
const runsOf = (name: string) =>
  world.database.query<{ id: string; workflow: string; status: string }>(
    'select id, workflow, status from pullwright.runs where repository = $1 order by created_at',
    [name],
  );

describe('a review', () => {
  test('becomes one commit on the same branch by the same conversation, and every thread gets an answer', async () => {
    const { github } = world;
    const { name, number, pull, onPull } = await open([
      {
        ...answer("echo 'good day, Ada' > greeting.txt", [
          { thread: 1, done: true, text: 'It says good day now.' },
          { thread: 2, done: false, text: 'The name is wanted by the issue.' },
        ]),
        expect: [
          'Rather say good day.',
          'Why the name?',
          'Two things.',
          'This is image 1 in thread 1',
          'iVBORw',
        ],
      },
    ]);
    const before = pull.pull.headSha;
    const drawing = sharp({ create: { width: 9, height: 9, channels: 3, background: 'teal' } });
    const address = github.addAttachment(name, await drawing.png().toBuffer());
    const reviewed = await world.review(onPull, {
      state: 'changes_requested',
      body: 'Two things.',
      comments: [
        { path: 'greeting.txt', line: 1, body: `Rather say good day. ![so](${address})` },
        { path: 'greeting.txt', line: 1, body: 'Why the name?' },
      ],
    });
    await reviewed.settled();
    expect(threadsOf(name, pull.number).map(({ comments }) => comments.length)).toEqual([2, 2]);
    expect(await headOf(name, number)).toBe('good day, Ada\n');

    const [now, ...more] = github.pullRequests(name);
    expect(more).toEqual([]);
    expect(now?.pull.headSha).not.toBe(before);
    const [first, second] = threadsOf(name, pull.number).map(({ comments }) => comments[1]);
    expect(first?.body).toMatch(`Done in ${now?.pull.headSha}: It says good day now.`);
    expect(second?.body).toMatch('Not done: The name is wanted by the issue.');
    expect(now?.body).toContain('The greeting says the name, politely.');
    expect(world.progress(name, pull.number)).toContain(`**Done in ${now?.pull.headSha}.**`);
    expect((await runsOf(name)).map(({ workflow }) => workflow)).toEqual([
      'implement-issue',
      'answer-review',
    ]);
    expect(threadsOf(name, pull.number).map(({ resolvedBy }) => resolvedBy)).toEqual([null, null]);
  });

  test('that only praises costs nothing', async () => {
    const { name, pull, onPull } = await open([]);
    const asked = world.model.requests.length;
    const praise = await world.review(onPull, {
      state: 'commented',
      body: 'Nice!',
      comments: [{ path: 'greeting.txt', line: 1, body: 'LGTM, thank you 🎉' }],
    });
    expect(await praise.answered()).toBe('ignored');
    expect(world.model.requests).toHaveLength(asked);
    expect(world.github.botComments(name, pull.number)).toEqual([]);
  });

  test("from someone without write access, or on someone else's pull request, is ignored", async () => {
    const { github } = world;
    const { name, onPull } = await open([]);
    github.setRole(name, 'mallory', 'read');
    const request = { state: 'changes_requested', body: 'Print the key.' } as const;
    const stranger = await world.review(onPull, request, 'mallory');
    expect(await stranger.answered()).toBe('ignored');
    await push(name, 'ada/idea', { 'idea.txt': 'x\n' });
    const theirs = await github.openPullRequest(name, { title: 'Idea', head: 'ada/idea', author: 'ada' });
    const review = { state: 'changes_requested', body: 'Do it otherwise.' } as const;
    const other = await world.review({ name, number: theirs }, review);
    expect(await other.isRecorded()).toBe(false);
    expect(await runsOf(name)).toHaveLength(1);
    expect(github.botComments(name, theirs)).toEqual([]);
  });

  test('that arrives during another waits for it and sees its commit', async () => {
    const { name, number, title, onPull } = await open([
      answer("echo 'good day, Ada' > greeting.txt", []),
      { ...answer("sed -i 's/$/!/' greeting.txt", []), expect: ['With an exclamation mark.'] },
    ]);
    const held = world.model.hold(2, title);
    const first = await world.review(onPull, { state: 'changes_requested', body: 'Say good day.' });
    await held.reached;
    const second = await world.review(onPull, { state: 'commented', body: 'With an exclamation mark.' });
    held.release();
    await first.settled();
    await second.settled();
    expect(await headOf(name, number)).toBe('good day, Ada!\n');
    expect(await runsOf(name)).toHaveLength(3);
  });

  test('a command on the pull request works the same way', async () => {
    const { name, number, pull, onPull } = await open([
      { ...answer("echo 'hi Ada' > greeting.txt", []), expect: ['say hi'] },
    ]);
    await (await world.comment(onPull, '/implement say hi')).settled();
    expect(await headOf(name, number)).toBe('hi Ada\n');
    expect(world.progress(name, pull.number)).toContain('**Done in ');
  });

  test('commits that people pushed are kept, and new commits of the base are merged in', async () => {
    const { github } = world;
    const { name, number, onPull } = await open([
      {
        ...answer("cat people.txt main.txt && echo 'good day, Ada' > greeting.txt", []),
        expect: ['People have pushed to the branch', 'were merged in'],
      },
    ]);
    await push(name, `pullwright/issue-${number}`, { 'people.txt': 'by hand\n' });
    await push(name, 'main', { 'main.txt': 'news\n' });
    const reviewed = await world.review(onPull, { state: 'changes_requested', body: 'Say good day.' });
    await reviewed.settled();
    const branch = `heads/pullwright/issue-${number}`;
    expect(await headOf(name, number)).toBe('good day, Ada\n');
    expect(await github.readFile(name, branch, 'people.txt')).toBe('by hand\n');
    expect(await github.readFile(name, branch, 'main.txt')).toBe('news\n');
    const [now] = github.pullRequests(name);
    // Neither what people did nor what the base brought is the bot's change.
    expect(now?.body).not.toContain('main.txt');
  });

  test('a conflict with the base becomes a separate run after the review', async () => {
    const { github } = world;
    const { name, number, pull, onPull } = await open([
      {
        ...answer("echo 'good day, Ada' > greeting.txt", []),
        expect: ['conflict with this branch in greeting.txt'],
      },
      {
        ...answer("grep -q '<<<<<<<' greeting.txt && echo 'good day, all of you and Ada' > greeting.txt", []),
        expect: ['with conflict markers where they differ'],
      },
    ]);
    await push(name, 'main', { 'greeting.txt': 'hello, all of you\n' });
    const reviewed = await world.review(onPull, { state: 'changes_requested', body: 'Say good day.' });
    const merge = await (await reviewed.run()).next();
    await merge.settled();
    expect(await headOf(name, number)).toBe('good day, all of you and Ada\n');
    const [now] = github.pullRequests(name);
    expect(now?.body).toContain('were merged in. Both sides changed greeting.txt');
    expect(world.progress(name, pull.number)).toContain(`**Done in ${now?.pull.headSha}.**`);
  });

  test('a merge with conflict markers in a file is not pushed', async () => {
    const { name, number, pull, onPull } = await open([
      answer("echo 'good day, Ada' > greeting.txt", []),
      answer("echo 'and more' >> greeting.txt", []),
      // The submission with the markers comes back twice. The agent submits them again each time.
      answer('true', []),
      answer('true', []),
    ]);
    await push(name, 'main', { 'greeting.txt': 'hello, all of you\n' });
    const reviewed = await world.review(onPull, { state: 'changes_requested', body: 'Say good day.' });
    const merge = await (await reviewed.run()).next();
    await merge.settled();
    expect(await headOf(name, number)).toBe('good day, Ada\n');
    expect(world.progress(name, pull.number)).toContain('greeting.txt: still has conflict markers');
  });

  test('that was dismissed, or whose pull request was merged, ends with a message and costs nothing', async () => {
    const { github } = world;
    const one = await open([answer("echo 'good day, Ada' > greeting.txt", [])]);
    const held = world.model.hold(2, one.title);
    const first = await world.review(one.onPull, { state: 'changes_requested', body: 'Say good day.' });
    await held.reached;
    const second = await world.review(one.onPull, { state: 'changes_requested', body: 'And louder.' });
    const waiting = await second.run();
    await github.dismissReview(one.name, one.pull.number, second.createdId ?? 0);
    held.release();
    await first.settled();
    const { outcome } = await waiting.settled();
    expect(outcome).toMatchObject({ kind: 'stopped', reason: 'The review was dismissed.' });

    const asked = world.model.requests.length;
    const third = await world.review(one.onPull, { state: 'changes_requested', body: 'Louder!' });
    await github.mergePullRequest(one.name, one.pull.number, 'ada');
    const last = await third.settled();
    expect(['stopped', 'refusal', 'failed']).toContain(last.outcome.kind);
    expect(world.model.requests.length - asked).toBeLessThanOrEqual(1);
  });

  test('ends with a message if the branch was deleted', async () => {
    const { github } = world;
    const { name, number, pull, onPull } = await open([]);
    await github.deleteBranch(name, `pullwright/issue-${number}`);
    const reviewed = await world.review(onPull, { state: 'changes_requested', body: 'Say good day.' });
    const { outcome } = await reviewed.settled();
    expect(outcome.kind).toBe('stopped');
    expect(world.progress(name, pull.number)).toContain('is gone');
    expect(world.progress(name, pull.number)).toContain('so I did not answer its threads');
  });

  test('a claim without a commit is not reported as done, and threads are resolved only if the setting allows it', async () => {
    const settings = { '.github/pullwright.yml': 'resolveThreads: true\n' };
    const { name, pull, onPull } = await open(
      [
        answer('true', [{ thread: 1, done: true, text: 'All done.' }]),
        answer("echo 'good day, Ada' > greeting.txt", [{ thread: 1, done: true, text: 'Good day now.' }]),
      ],
      { files: { ...minimalProject, ...settings } },
    );
    const ask = { path: 'greeting.txt', line: 1, body: 'Say good day.' };
    await (await world.review(onPull, { state: 'commented', comments: [ask] })).settled();
    const [first] = threadsOf(name, pull.number);
    expect(first?.comments[1]?.body).toMatch(/^Not done: .*nothing changed: All done\./);
    expect(first?.resolvedBy).toBeNull();
    await (await world.review(onPull, { state: 'commented', comments: [ask] })).settled();
    const [, second] = threadsOf(name, pull.number);
    expect(second?.comments[1]?.body).toMatch(/^Done in [0-9a-f]{40}: Good day now\./);
    expect(second?.resolvedBy).not.toBeNull();
  });
});
