import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { doAndSubmit, plain, solvePlain, submitPlain } from '../support/plain.js';
import { startWorld, type World, waitFor } from '../support/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({ PULLWRIGHT_CONCURRENCY: '1' });
});

afterAll(() => world.stop());

/** As people read it: names in what the bot writes are no mentions. */
const bodies = (name: string, number: number) =>
  world.github.botComments(name, number).map(({ body }) => body.replaceAll('\u200b', ''));
const says = (name: string, number: number, text: string | RegExp) =>
  waitFor(
    `"${text}" on ${name}#${number}`,
    world,
    async () => bodies(name, number).some((body) => new RegExp(text).test(body)),
    30_000,
  );

describe('/stop', () => {
  test('ends a run while the model answers, says who did, and nothing is pushed', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({ files: plain, turns: solvePlain });
    const held = model.hold(1, title);
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    await github.comment(name, number, '/stop', 'ada');
    const { settlement } = await world.settled(name, number);
    held.release();
    expect(settlement).toEqual({ kind: 'stopped', because: '@ada stopped it' });
    await says(name, number, /Stopped:.. @ada stopped it/);
    expect(github.pullRequests(name)).toEqual([]);
  });

  test('ends a command that runs, within seconds', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({
      files: plain,
      turns: [{ calls: [['bash', { command: 'sleep 100' }]] }],
    });
    await github.label(name, number, 'backend', 'ada');
    await waitFor('the command to run', world, async () => world.progress(name, number).includes('turn 1'));
    const asked = Date.now();
    await github.comment(name, number, '/stop', 'ada');
    const { settlement } = await world.settled(name, number);
    expect(settlement.kind).toBe('stopped');
    expect(Date.now() - asked).toBeLessThan(30_000);
  });

  test('keep: what is there lands as a draft that says who stopped it', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: plain,
      turns: [
        { calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] },
        { calls: [['bash', { command: 'cat greeting.txt' }]] },
      ],
    });
    const held = model.hold(2, title);
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    await github.comment(name, number, '/stop keep', 'ada');
    const { settlement } = await world.settled(name, number);
    held.release();
    expect(settlement).toMatchObject({
      kind: 'draft',
      because: ['The work was ended before it was done: @ada stopped it.'],
    });
    expect(await github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt')).toBe(
      'hello Ada\n',
    );
  });

  test('of a run that stands in line ends it at once; and where nothing goes on, that is said', async () => {
    const { github, model } = world;
    const first = await world.prepareIssue({ files: plain, turns: solvePlain });
    const second = await world.prepareIssue({ files: plain, turns: solvePlain });
    const held = model.hold(1, first.title);
    await github.label(first.name, first.number, 'backend', 'ada');
    await held.reached;
    await github.label(second.name, second.number, 'backend', 'ada');
    await says(second.name, second.number, 'Queued');
    await github.comment(second.name, second.number, '/status', 'ada');
    await says(second.name, second.number, /Queued:\*\* (?:1 run is|next in).* \[All of it\]/);
    await github.comment(second.name, second.number, '/stop', 'ada');
    expect((await world.settled(second.name, second.number)).settlement.kind).toBe('stopped');
    await says(second.name, second.number, /Stopped:.. @ada stopped it/);
    await github.comment(second.name, second.number, '/stop', 'ada');
    await says(second.name, second.number, 'Nothing is going on here that could be stopped');
    held.release();
    expect((await world.settled(first.name, first.number)).settlement.kind).toBe('pull-request');
    expect(github.pullRequests(second.name)).toEqual([]);
  });

  test('by a stranger is refused, and the run goes on', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({ files: plain, turns: solvePlain });
    github.setRole(name, 'mallory', 'read');
    const held = model.hold(1, title);
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    await github.comment(name, number, '/stop', 'mallory');
    await says(name, number, '@mallory may not write');
    held.release();
    expect((await world.settled(name, number)).settlement.kind).toBe('pull-request');
  });
});

describe('what a run was for is gone', () => {
  test('its issue is closed in mid-run: it ends', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({ files: plain, turns: solvePlain });
    const held = model.hold(1, title);
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    await github.closeIssue(name, number, 'ada');
    const { settlement } = await world.settled(name, number);
    held.release();
    expect(settlement).toEqual({ kind: 'stopped', because: '@ada closed the issue' });
    expect(github.pullRequests(name)).toEqual([]);
  });

  test('its label is taken off while it stands in line: it ends; another label means nothing', async () => {
    const { github, model } = world;
    const first = await world.prepareIssue({ files: plain, turns: solvePlain });
    const second = await world.prepareIssue({ files: plain, turns: solvePlain });
    const held = model.hold(1, first.title);
    await github.label(first.name, first.number, 'backend', 'ada');
    await held.reached;
    await github.label(second.name, second.number, 'bug', 'ada');
    await github.label(second.name, second.number, 'backend', 'ada');
    await says(second.name, second.number, 'Queued');
    await github.unlabel(second.name, second.number, 'bug', 'ada');
    await github.comment(second.name, second.number, '/status', 'ada');
    await says(second.name, second.number, 'ahead of this one. .All of it');
    await github.unlabel(second.name, second.number, 'backend', 'ada');
    expect((await world.settled(second.name, second.number)).settlement).toEqual({
      kind: 'stopped',
      because: '@ada took the label backend off',
    });
    held.release();
    await world.settled(first.name, first.number);
  });

  test('its pull request is closed while a review is worked on: that ends', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: plain,
      turns: [...solvePlain, ...doAndSubmit("echo 'good day' > greeting.txt")],
    });
    await github.label(name, number, 'backend', 'ada');
    await world.settled(name, number);
    const pull = github.pullRequests(name)[0]?.number ?? 0;
    const held = model.hold(2, title);
    await github.submitReview(name, pull, { state: 'changes_requested', body: 'Say good day.' }, 'ada');
    await held.reached;
    await github.closeIssue(name, pull, 'ada');
    const { settlement } = await world.settled(name, number);
    held.release();
    expect(settlement).toEqual({ kind: 'stopped', because: '@ada closed the pull request' });
    expect(await github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt')).toBe(
      'hello Ada\n',
    );
  });
});

describe('/retry', () => {
  test('goes on from where the run ended, and buys no reply twice', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: plain,
      turns: [
        { calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] },
        { expect: ['Go on with it.'], calls: [['bash', { command: 'cat greeting.txt' }]] },
        { expect: ['hello Ada'], calls: [submitPlain] },
      ],
    });
    const held = model.hold(2, title);
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    await github.comment(name, number, '/stop', 'ada');
    await world.settled(name, number);
    held.release();
    const asked = model.requests.length;
    await github.comment(name, number, '/retry', 'ada');
    expect((await world.settled(name, number)).settlement.kind).toBe('pull-request');
    expect(model.requests.length - asked).toBe(2);
    expect(await github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt')).toBe(
      'hello Ada\n',
    );
  });

  test('from scratch begins anew', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({ files: plain, turns: solvePlain });
    const held = model.hold(1, title);
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    await github.comment(name, number, '/retry', 'ada');
    await says(name, number, 'A run is going on here; `/stop` ends it');
    await github.comment(name, number, '/stop', 'ada');
    await world.settled(name, number);
    held.release();
    await github.comment(name, number, '/retry from scratch', 'ada');
    expect((await world.settled(name, number)).settlement.kind).toBe('pull-request');
  });
});

test('a command that is mistyped is answered with those that there are', async () => {
  const { name, number } = await world.prepareIssue({ files: plain });
  await world.github.comment(name, number, '/implment', 'ada');
  await says(name, number, 'These I know, alone at the start of a line');
  await says(name, number, '`/retry from scratch` begins anew');
});
