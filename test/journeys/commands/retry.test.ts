import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minimalProject, solveMinimalProject, submitGreeting } from '../../support/sample-projects.js';
import { waitFor } from '../../support/wait-for.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({ PULLWRIGHT_CONCURRENCY: '1' });
});

afterAll(() => world.stop());

/** The file of the minimal project, on the bot's branch. */
const greetingOf = ({ name, number }: { name: string; number: number }) =>
  world.github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt');

/** GitHub's times are whole seconds, and a stop also counts for what was requested in its second. */
async function untilNextSecond() {
  const second = () => Math.floor(Date.now() / 1000);
  const stoppedIn = second();
  await waitFor('the next second', world, () => second() > stoppedIn);
}

describe('/retry', () => {
  test('also works as a button of the check run', async () => {
    const { github } = world;
    const { name, pulls } = await runIssue(world, { files: minimalProject, turns: solveMinimalProject });
    const headSha = pulls[0]?.pull.headSha ?? '';
    github.setRole(name, 'mallory', 'read');
    const stranger = await world.act(() => github.pressButton(name, headSha, 'retry', 'mallory'));
    await stranger.reply('@mallory does not have write access');
    const button = await world.act(() => github.pressButton(name, headSha, 'retry', 'ada'));
    expect((await button.settled()).outcome.kind).toBe('pull-request');
    expect(github.pullRequests(name)).toHaveLength(1);
  });

  test('of a request with instructions continues it, and does not take the instructions for an answer', async () => {
    const { model } = world;
    const issue = await world.prepareIssue({
      files: minimalProject,
      turns: [{ calls: [['bash', { command: 'true' }]] }, ...solveMinimalProject],
    });
    const held = model.hold(2, issue.title);
    const asked = await world.comment(issue, '/implement Say it politely.');
    await held.reached;
    await world.comment(issue, '/stop');
    await asked.settled();
    held.release();
    await untilNextSecond();
    const requests = model.requests.length;
    expect((await (await world.comment(issue, '/retry')).settled()).outcome.kind).toBe('pull-request');
    const message = JSON.stringify(model.requests[requests]?.body.messages.at(-1));
    expect(message).toContain('The previous run ended before the work was done. Continue it.');
    expect(message).not.toMatch(/questions were answered|Say it politely/);
  });

  test('continues where the last run with work ended, and pays for no reply twice', async () => {
    const { model } = world;
    const issue = await world.prepareIssue({
      files: minimalProject,
      turns: [
        { calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] },
        { calls: [['bash', { command: 'cat greeting.txt' }]] },
        { expect: ['hello Ada'], calls: [submitGreeting] },
      ],
    });
    const first = await world.labelAndHold(issue, 2);
    await world.comment(issue, '/stop');
    await first.run.settled();
    first.release();
    // The only slot is taken: this one is stopped before it came to its task.
    const other = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const busy = await world.labelAndHold(other);
    const second = await (await world.comment(issue, '/retry')).run();
    await second.says('Queued:');
    await world.comment(issue, '/stop');
    await second.settled();
    await untilNextSecond();
    busy.release();
    await busy.run.settled();
    const requests = model.requests.length;
    const third = await world.comment(issue, '/retry');
    expect((await third.settled()).outcome.kind).toBe('pull-request');
    expect(model.requests.length - requests).toBe(2);
    expect(JSON.stringify(model.requests[requests]?.body.messages.at(-1))).toContain('Continue it.');
    expect(await greetingOf(issue)).toBe('hello Ada\n');
  });

  test('from scratch starts over', async () => {
    const prepared = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const issue = { ...prepared, ...(await world.labelAndHold(prepared)) };
    const early = await world.comment(issue, '/retry');
    await early.reply('A run is in progress here. `/stop` ends it');
    await world.comment(issue, '/stop');
    await issue.run.settled();
    issue.release();
    await untilNextSecond();
    const retry = await world.comment(issue, '/retry from scratch');
    expect((await retry.settled()).outcome.kind).toBe('pull-request');
  });
});

test('a mistyped command is answered with the list of commands', async () => {
  const mistyped = await world.comment(await world.prepareIssue({ files: minimalProject }), '/implment');
  await mistyped.reply('Write one of these commands at the start of a line');
  await mistyped.reply('`/retry from scratch` repeats the last request from the beginning');
});
