import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minimalProject, solveMinimalProject } from '../../support/sample-projects.js';
import { startWorld, type World } from '../../support/world/start-world.js';
import { failing, fixAndSubmit, openCi } from './open-ci.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({ MAX_CI_FIX_RUNS: '1' });
});

afterAll(() => world.stop());

const { open, complete, fail, headOf, greetingOf, runsOf } = openCi(() => world);

describe('a queued run about failed checks', () => {
  /** A run that something was asked of, stopped in the middle, with failed checks behind it in line. */
  async function openBusy(command: string) {
    const opened = await open([
      fixAndSubmit(command, [], ['once more']),
      fixAndSubmit('true', [], ['louder']),
    ]);
    const { name, title, pull, onPull, head } = opened;
    const held = world.model.hold(2, title);
    await world.comment(onPull, '/implement once more');
    await held.reached;
    const run = await (await fail(name, head, 'unit')).run();
    const asked = world.model.requests.length;
    const end = async () => {
      held.release();
      const { outcome } = await run.settled();
      expect(world.model.requests).toHaveLength(asked);
      // Nobody had asked for it: what was said of the run before stands.
      expect(world.progress(name, pull.number)).toMatch(
        command === 'true' ? '**No commit:** ' : '**Done in ',
      );
      return outcome;
    };
    return { ...opened, end };
  }

  test('ends when the checks pass again, and the conversation continues afterwards', async () => {
    const { name, onPull, title, head, end } = await openBusy('true');
    await complete(name, head, { checks: [{ name: 'unit', conclusion: 'success' }] });
    expect(await end()).toEqual({
      kind: 'stopped',
      superseded: true,
      reason: 'No check fails now, or the checks are running again.',
    });
    await (await world.comment(onPull, '/implement louder')).settled();
    const sent = JSON.stringify(world.model.requests.at(-1)?.body.messages);
    for (const said of [title, 'once more', 'louder']) expect(sent).toContain(said);
  });

  test('ends when there is a newer commit', async () => {
    const { end } = await openBusy("echo 'hello again, Ada' > greeting.txt");
    expect(await end()).toEqual({
      kind: 'stopped',
      superseded: true,
      reason: 'The branch has a newer commit than the one that failed CI.',
    });
  });
});

test("failed checks of other people's commits, of merged pull requests and of the App itself are ignored", async () => {
  const { github, model } = world;
  const { name, number, pull, head } = await open([]);
  const asked = model.requests.length;
  const push = (branch: string) =>
    github.commitFiles(name, { branch, files: { 'idea.txt': 'x\n' }, message: 'By hand', author: 'ada' });

  const app = { id: github.appId, slug: 'pullwright' };
  const own = await complete(name, head, { app, checks: [failing('evidence')] });
  expect(await own.answered()).toBe('ignored');

  // None of these is even kept.
  const theirs = await push('ada/idea');
  const other = await github.openPullRequest(name, { title: 'Idea', head: 'ada/idea', author: 'ada' });
  const onTheirs = await fail(name, theirs, 'unit');
  const onTheirPush = await fail(name, await push(`pullwright/issue-${number}`), 'unit');
  await github.mergePullRequest(name, pull.number, 'ada');
  const onMerged = await fail(name, head, 'unit');
  for (const failed of [onTheirs, onTheirPush, onMerged]) expect(await failed.isRecorded()).toBe(false);
  expect(await runsOf(name)).toHaveLength(1);
  expect(model.requests).toHaveLength(asked);
  expect([...github.botComments(name, other), ...github.botComments(name, pull.number)]).toEqual([]);
});

test('failed checks that arrive before the pull request is recorded are handled after the run that opens it', async () => {
  const { github } = world;
  const { name, number } = await world.prepareIssue({
    files: minimalProject,
    turns: [
      ...solveMinimalProject,
      fixAndSubmit("echo 'hello, Ada' > greeting.txt", [], ['CI failed on your commit']),
    ],
  });
  const held = github.hold({ operation: 'pulls/create', afterEffect: true });
  const asked = await world.label({ name, number });
  await held.reached;
  const head = headOf(name);
  const failed = await (await fail(name, head, 'unit')).run();
  held.release();
  await asked.settled();
  await failed.settled();
  expect((await runsOf(name)).map(({ workflow }) => workflow)).toEqual(['implement-issue', 'answer-review']);
  expect(headOf(name)).not.toBe(head);
  expect(await greetingOf(name, number)).toBe('hello, Ada\n');
});

test('failed checks of a stopped run are ignored', async () => {
  const { model } = world;
  const issue = await world.prepareIssue({
    files: minimalProject,
    turns: [
      { calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] },
      { calls: [['bash', { command: 'cat greeting.txt' }]] },
    ],
  });
  const { run, release } = await world.labelAndHold(issue, 2);
  await world.comment(issue, '/stop keep');
  expect((await run.settled()).outcome.kind).toBe('draft');
  release();
  const asked = model.requests.length;
  const failed = await fail(issue.name, headOf(issue.name), 'unit');
  expect(await failed.answered()).toBe('ignored');
  expect(model.requests).toHaveLength(asked);
  expect(await runsOf(issue.name)).toHaveLength(1);
});

test('failed checks of a run that is being stopped are ignored', async () => {
  const { github, model } = world;
  const issue = await world.prepareIssue({
    files: minimalProject,
    turns: [{ calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] }, { calls: [] }],
  });
  const { run, release } = await world.labelAndHold(issue, 2);
  const opening = github.hold({ operation: 'pulls/create', afterEffect: true });
  await world.comment(issue, '/stop keep');
  await opening.reached;
  const failed = await (await fail(issue.name, headOf(issue.name), 'unit')).run();
  const asked = model.requests.length;
  opening.release();
  release();
  await run.settled();
  await failed.settled();
  const pull = Number(github.pullRequests(issue.name)[0]?.number);
  expect(world.progress(issue.name, pull)).toContain('The earlier work was cut short');
  expect(model.requests).toHaveLength(asked);
});

test('failed checks do not replace an open question', async () => {
  const { name, number, title, pull, onPull, head } = await open([
    { calls: [['ask_question', { questions: ['Which comma?'] }]] },
    fixAndSubmit("echo 'hello, Ada' > greeting.txt", [], ['The first one.']),
  ]);
  const held = world.model.hold(2, title);
  await world.comment(onPull, '/implement with a comma');
  await held.reached;
  // Heard of before it is asked, and after.
  const unit = await (await fail(name, head, 'unit')).run();
  held.release();
  expect((await unit.settled()).outcome).toMatchObject({
    reason: 'An earlier question is still open, and its answer continues the work.',
  });
  expect(world.progress(name, pull.number)).toContain('**Waiting for an answer**');
  const lint = await fail(name, head, 'lint');
  expect(await lint.answered()).toBe('ignored');
  await (await world.comment(onPull, 'The first one.')).settled();
  expect(await greetingOf(name, number)).toBe('hello, Ada\n');
});
