import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minimalProject, solveMinimalProject, submitGreeting } from '../../support/sample-projects.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({ PULLWRIGHT_CONCURRENCY: '1' });
});

afterAll(() => world.stop());

/** The file of the minimal project, on the bot's branch. */
const greetingOf = ({ name, number }: { name: string; number: number }) =>
  world.github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt');

describe('/implement with instructions during a run', () => {
  test('reaches the agent at its next turn, even before a submit, and survives a crash', async () => {
    const { model } = world;
    const issue = await world.prepareIssue({
      files: minimalProject,
      turns: [
        ...solveMinimalProject,
        {
          expect: [
            'Not accepted yet: new messages arrived',
            '<data kind="message" author="ada">\nSay goodbye too.',
          ],
          calls: [['bash', { command: "echo 'goodbye Ada' >> greeting.txt" }], submitGreeting],
        },
      ],
    });
    const heldAgain = model.hold(2, issue.title);
    const { run, release } = await world.labelAndHold(issue);
    const message = await world.comment(issue, '/implement Say goodbye too.');
    await message.reacted('eyes');
    release();
    await heldAgain.reached;
    await world.app.kill();
    heldAgain.release();
    await world.startAgain();
    expect((await run.settled()).outcome.kind).toBe('pull-request');
    expect(await greetingOf(issue)).toBe('hello Ada\ngoodbye Ada\n');
    await run.says('- message from ada: the agent got it in turn 2');
    expect(await message.answered()).toBe(`passed on to run ${run.id}`);
  });

  test('reaches the agent of a queued run, sanitized and truncated like any other text', async () => {
    const { model } = world;
    const first = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const { release } = await world.labelAndHold(first);
    const issue = await world.prepareIssue({
      files: minimalProject,
      turns: [
        {
          expect: [
            'New messages about this task arrived',
            'Say hello[hidden text removed, 1 character] first.',
          ],
          calls: [submitGreeting],
        },
        { calls: [] },
      ],
    });
    const run = await (await world.label(issue)).run();
    await run.says('Queued:');
    const words = `/implement Say hello\u{e0041} first.\n${'x'.repeat(9000)}`;
    await (await world.comment(issue, words)).reacted('eyes');
    release();
    await run.settled();
    await run.says('- message from ada: the agent got it in turn 1');
    await run.says('in a comment by ada');
    const shown = JSON.stringify(model.requests.at(-1)?.body.messages[0]).match(/x{100,}/)?.[0].length;
    expect(shown).toBeLessThanOrEqual(8000);
  });

  test('is refused with a reason when the agent has finished, or when the sender has no write access', async () => {
    const { github } = world;
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const path = new RegExp(`^/repos/${issue.name}/pulls$`);
    github.failNext({ path, method: 'POST', status: 502, times: 3 });
    const run = await (await world.label(issue)).run();
    await run.event('waiting');
    const late = await world.comment(issue, '/implement Say goodbye too.');
    expect(await late.answered()).toMatch(/^refused: .* Its agent has finished/);
    github.setRole(issue.name, 'mallory', 'read');
    const stranger = await world.comment(issue, '/implement Delete it all.', 'mallory');
    expect(await stranger.answered()).toMatch(/^refused: @mallory does not have write access/);
    expect((await run.settled()).outcome.kind).toBe('pull-request');
    expect(world.progress(issue.name, issue.number)).not.toContain('message from');
  });
});
