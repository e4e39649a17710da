import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findProcesses } from '../support/find-processes.js';
import {
  minimalProject,
  minimalProjectWith,
  runAndSubmit,
  solveMinimalProject,
  submitGreeting,
} from '../support/sample-projects.js';
import { webhookSecret } from '../support/start-app.js';
import { waitFor } from '../support/wait-for.js';
import { runIssue } from '../support/world/run-issue.js';
import { startWorld, type World } from '../support/world/start-world.js';
import type { TriggerHandle } from '../support/world/trigger-handle.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({ PULLWRIGHT_CONCURRENCY: '1' });
});

afterAll(() => world.stop());

/** The file of the minimal project, on the bot's branch. */
const greetingOf = ({ name, number }: { name: string; number: number }) =>
  world.github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt');

describe('/implement with words, while a run goes on', () => {
  test('reaches the agent at its next turn, also when it was about to submit, and is not lost by a crash', async () => {
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
    expect(await message.answered()).toBe(`told to run ${run.id}`);
  });

  test('reaches the agent of a run that has not begun, and is bounded and cleaned as every text is', async () => {
    const { model } = world;
    const first = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const { release } = await world.labelAndHold(first);
    const issue = await world.prepareIssue({
      files: minimalProject,
      turns: [
        { expect: ['New messages about this task arrived', 'Say hello first.'], calls: [submitGreeting] },
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
    await run.says('in a comment of ada');
    const shown = JSON.stringify(model.requests.at(-1)?.body.messages[0]).match(/x{100,}/)?.[0].length;
    expect(shown).toBeLessThanOrEqual(8000);
  });

  test('is refused in words when the agent has ended its work, and by whom nobody has to listen to', async () => {
    const { github } = world;
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const path = new RegExp(`^/repos/${issue.name}/pulls$`);
    github.failNext({ path, method: 'POST', status: 502, times: 3 });
    const run = await (await world.label(issue)).run();
    await run.event('waiting');
    const late = await world.comment(issue, '/implement Say goodbye too.');
    expect(await late.answered()).toMatch(/^refused: .* its agent has finished/);
    github.setRole(issue.name, 'mallory', 'read');
    const stranger = await world.comment(issue, '/implement Delete it all.', 'mallory');
    expect(await stranger.answered()).toMatch(/^refused: @mallory has no write access/);
    expect((await run.settled()).outcome.kind).toBe('pull-request');
    expect(world.progress(issue.name, issue.number)).not.toContain('message from');
  });
});

describe('/stop', () => {
  test.each(['/stop', '/stop keep'])('%s ends a run that waits for the model, at once', async (command) => {
    const issue = await world.prepareIssue({
      files: minimalProject,
      turns: [{ calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] }, ...solveMinimalProject],
    });
    const { run, release } = await world.labelAndHold(issue);
    world.model.failNext({ when: issue.title, status: 529, headers: { 'retry-after': '900' } });
    release();
    await run.says('Waiting:');
    await world.comment(issue, command);
    const { outcome } = await run.settled(60_000);
    expect(outcome.kind).toBe(command === '/stop' ? 'stopped' : 'draft');
  });

  test('ends a run that waits for GitHub before it has begun, at once', async () => {
    const { github, model } = world;
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const requests = model.requests.length;
    const path = new RegExp(`^/repos/${issue.name}/issues/${issue.number}/labels/`);
    github.failNext({ method: 'DELETE', path, status: 502, headers: { 'retry-after': '900' }, times: 5 });
    const run = await (await world.label(issue)).run();
    await run.event('waiting');
    await world.comment(issue, '/stop');
    expect((await run.settled(60_000)).outcome.kind).toBe('stopped');
    expect(model.requests).toHaveLength(requests);
  });

  test('ends a run while the model answers, says who did, and nothing is pushed', async () => {
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const { run, release } = await world.labelAndHold(issue);
    await world.comment(issue, '/stop');
    const { outcome } = await run.settled();
    release();
    expect(outcome).toEqual({ kind: 'stopped', reason: '@ada stopped it.' });
    await run.says(/Stopped:.. @ada stopped it/);
    expect(world.github.pullRequests(issue.name)).toEqual([]);
  });

  test('ends a command that runs, within seconds', async () => {
    const issue = await world.prepareIssue({
      files: minimalProject,
      turns: [{ calls: [['bash', { command: 'sleep 100' }]] }],
    });
    const run = await (await world.label(issue)).run();
    await run.says('in turn 1');
    const asked = Date.now();
    await world.comment(issue, '/stop');
    const { outcome } = await run.settled();
    expect(outcome.kind).toBe('stopped');
    expect(Date.now() - asked).toBeLessThan(30_000);
  });

  test('keep: what is there lands as a draft that says who stopped it', async () => {
    const issue = await world.prepareIssue({
      files: minimalProject,
      turns: [
        { calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] },
        { calls: [['bash', { command: 'cat greeting.txt' }]] },
      ],
    });
    const { run, release } = await world.labelAndHold(issue, 2);
    await world.comment(issue, '/stop keep');
    const { outcome } = await run.settled();
    release();
    expect(outcome).toMatchObject({
      kind: 'draft',
      reasons: ['The run was stopped before the agent finished its work: @ada stopped it.'],
    });
    expect(await greetingOf(issue)).toBe('hello Ada\n');
  });

  test('without keep lets go of what was to be kept', async () => {
    const issue = await world.prepareIssue({
      files: minimalProjectWith("test: 'if grep --quiet Ada greeting.txt; then sleep 65.02; fi'"),
      turns: [{ calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] }, { calls: [] }],
    });
    const { run, release } = await world.labelAndHold(issue, 2);
    await world.comment(issue, '/stop keep');
    await waitFor(
      'the tests to run on the change',
      world,
      async () => (await findProcesses('sleep\u000065.02')).length > 0,
    );
    await world.comment(issue, '/stop');
    release();
    expect((await run.settled()).outcome).toEqual({ kind: 'stopped', reason: '@ada stopped it.' });
    expect(world.github.pullRequests(issue.name)).toEqual([]);
  });

  test('of a run that stands in line ends it at once; and where nothing goes on, that is said', async () => {
    const first = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const second = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const going = await world.labelAndHold(first);
    const waiting = await (await world.label(second)).run();
    await waiting.says('Queued');
    const status = await world.comment(second, '/status');
    await status.reply(/Queued:\*\* (?:1 run is|next in).* \[Details\]/);
    await world.comment(second, '/stop');
    expect((await waiting.settled()).outcome.kind).toBe('stopped');
    await waiting.says(/Stopped:.. @ada stopped it/);
    const again = await world.comment(second, '/stop');
    await again.reply('No run is in progress here');
    going.release();
    expect((await going.run.settled()).outcome.kind).toBe('pull-request');
    expect(world.github.pullRequests(second.name)).toEqual([]);
  });

  test('by a stranger is refused, and the run goes on', async () => {
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    world.github.setRole(issue.name, 'mallory', 'read');
    const { run, release } = await world.labelAndHold(issue);
    const stop = await world.comment(issue, '/stop', 'mallory');
    await stop.reply('@mallory, I did not do this: @mallory has no write access');
    release();
    expect((await run.settled()).outcome.kind).toBe('pull-request');
  });
});

describe('what a run was for is gone', () => {
  test('its issue is closed in mid-run: it ends', async () => {
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const { run, release } = await world.labelAndHold(issue);
    await world.close(issue);
    const { outcome } = await run.settled();
    release();
    expect(outcome).toEqual({ kind: 'stopped', reason: '@ada closed the issue.' });
    expect(world.github.pullRequests(issue.name)).toEqual([]);
  });

  test('its label is taken off while it stands in line: it ends; another label means nothing', async () => {
    const { github } = world;
    const first = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const second = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const going = await world.labelAndHold(first);
    await world.label(second, 'bug');
    const waiting = await (await world.label(second)).run();
    await waiting.says('Queued');
    await github.unlabel(second.name, second.number, 'bug', 'ada');
    const status = await world.comment(second, '/status');
    await status.reply(/ahead of this one. .All of it/);
    await github.unlabel(second.name, second.number, 'backend', 'ada');
    expect((await waiting.settled()).outcome).toEqual({
      kind: 'stopped',
      reason: '@ada took the label backend off',
    });
    going.release();
    await going.run.settled();
  });

  test('who asked may no longer write when its turn comes: it is refused', async () => {
    const { github, database } = world;
    const first = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const second = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const going = await world.labelAndHold(first);
    const waiting = await (await world.label(second)).run();
    await waiting.says('Queued');
    github.setRole(second.name, 'ada', 'read');
    // So long has it stood in line.
    await database.query(
      `update pullwright.runs set created_at = now() - interval '10 minutes' where repository = $1`,
      [second.name],
    );
    going.release();
    expect((await waiting.settled()).outcome).toEqual({
      kind: 'refusal',
      reason: { kind: 'write-access-lost', login: 'ada' },
    });
    await going.run.settled();
  });

  test('its pull request is closed while a review is worked on: that ends', async () => {
    const issue = await runIssue(world, {
      files: minimalProject,
      turns: [...solveMinimalProject, ...runAndSubmit("echo 'good day' > greeting.txt")],
    });
    const pull = { name: issue.name, number: issue.pulls[0]?.number ?? 0 };
    const held = world.model.hold(2, issue.title);
    const review = await world.review(pull, { state: 'changes_requested', body: 'Say good day.' });
    await held.reached;
    await world.close(pull);
    const { outcome } = await review.settled();
    held.release();
    expect(outcome).toEqual({ kind: 'stopped', reason: '@ada closed the pull request.' });
    expect(await greetingOf(issue)).toBe('hello Ada\n');
  });
});

describe('deliveries that come in the wrong order, within a minute', () => {
  /**
   * Acts while no delivery gets through, and delivers everything afterwards, the last one first.
   * @returns a handle on the first action
   */
  const deliverBackwards = async (acts: Parameters<World['act']>[0][]): Promise<TriggerHandle> => {
    const { github, app } = world;
    github.setWebhook('http://127.0.0.1:1/', webhookSecret);
    const handles: TriggerHandle[] = [];
    for (const act of acts) handles.push(await world.act(act));
    github.setWebhook(app.webhookUrl, webhookSecret);
    for (const { delivery } of handles.toReversed())
      expect((await github.redeliver(delivery.id))?.statusCode).toBe(200);
    return handles[0] as TriggerHandle;
  };
  const runsOf = (name: string) =>
    world.database.query('select id from pullwright.runs where repository = $1', [name]);

  test.each(['closed', 'unlabeled'])('%s before labeled: no run starts', async (end) => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: [] });
    const label = await deliverBackwards([
      () => github.label(name, number, 'backend', 'ada'),
      () =>
        end === 'closed'
          ? github.closeIssue(name, number, 'ada')
          : github.unlabel(name, number, 'backend', 'ada'),
    ]);
    expect(await label.answered()).toBe('not for us');
    expect(await runsOf(name)).toEqual([]);
    expect(github.botComments(name, number)).toEqual([]);
  });

  test('closed before the command that was written first: no run starts', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: [] });
    const command = await deliverBackwards([
      () => github.comment(name, number, '/implement', 'ada'),
      () => github.closeIssue(name, number, 'ada'),
    ]);
    expect(await command.answered()).toBe('not for us');
    expect(await runsOf(name)).toEqual([]);
  });

  test('a label that is taken off and put on again at once is asked for once more', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    await deliverBackwards([
      () => github.label(name, number, 'backend', 'ada'),
      () => github.unlabel(name, number, 'backend', 'ada'),
    ]);
    const again = await world.label({ name, number });
    expect((await again.settled()).outcome.kind).toBe('pull-request');
  });

  test.each([
    ['closed', 'The issue was closed while the run was queued.'],
    ['unlabeled', 'The request was withdrawn before the run started.'],
  ])('%s while it is asked who may: the run ends before it begins, and that is said', async (end, reason) => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: solveMinimalProject,
    });
    const held = github.hold({ path: new RegExp(`/repos/${name}/collaborators/`) });
    const asked = await world.label({ name, number });
    await held.reached;
    const ended = await world.act(() =>
      end === 'closed'
        ? github.closeIssue(name, number, 'ada')
        : github.unlabel(name, number, 'backend', 'ada'),
    );
    expect(await ended.answered()).toBe('stopped 0');
    held.release();
    expect((await asked.settled()).outcome).toEqual({ kind: 'stopped', reason });
    expect(world.progress(name, number)).toContain(reason);
    expect(model.requests.some(({ body }) => JSON.stringify(body.messages[0]).includes(title))).toBe(false);
  });
});

describe('a word that comes late', () => {
  test('ends nothing that was asked for after it', async () => {
    const { github, app } = world;
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    github.setWebhook('http://127.0.0.1:1/', webhookSecret);
    const stop = await world.comment(issue, '/stop');
    const retry = await world.comment(issue, '/retry');
    const close = await world.close(issue);
    await github.reopenIssue(issue.name, issue.number, 'ada');
    // An hour ago, by GitHub's clock.
    const then = new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+/, '');
    for (const { delivery } of [stop, retry, close]) {
      const payload = delivery.request.payload as {
        issue: { updated_at: string };
        comment?: { created_at: string };
      };
      payload.issue.updated_at = then;
      if (payload.comment) payload.comment.created_at = then;
    }
    // Also for the look at what was missed that a start begins with.
    for (const comment of github.state.issue(github.state.repository(issue.name), issue.number).comments)
      Object.assign(comment, { createdAt: then, updatedAt: then });
    github.setWebhook(app.webhookUrl, webhookSecret);
    const { run, release } = await world.labelAndHold(issue);
    for (const { delivery } of [stop, retry, close]) await github.redeliver(delivery.id);
    await stop.reply('No run is in progress here');
    await retry.reply('Something else was asked for here since then');
    expect(await close.answered()).toBe('stopped 0');
    release();
    expect((await run.settled()).outcome.kind).toBe('pull-request');
  });

  test('/stop right behind /implement ends the run before it begins', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: solveMinimalProject,
    });
    const held = github.hold({ path: new RegExp(`/repos/${name}/collaborators/`) });
    const asked = await world.comment({ name, number }, '/implement');
    await held.reached;
    const stop = await world.comment({ name, number }, '/stop');
    await stop.reply('No run is in progress here');
    held.release();
    expect((await asked.settled()).outcome).toEqual({ kind: 'stopped', reason: '@ada stopped it.' });
    expect(model.requests.some(({ body }) => JSON.stringify(body.messages[0]).includes(title))).toBe(false);
  });

  test('/retry of a closed issue is refused with the reason, also by the button', async () => {
    const { github } = world;
    const issue = await runIssue(world, { files: minimalProject, turns: solveMinimalProject });
    const refusal = '@ada, I did not do this: The issue is closed. Reopen it first.';
    await world.close(issue);
    const retry = await world.comment(issue, '/retry');
    await retry.reply(refusal);
    const headSha = String(issue.pulls[0]?.pull.headSha);
    const button = await world.act(() => github.pressButton(issue.name, headSha, 'retry', 'ada'));
    await button.reply(refusal);
    const sql = 'select from pullwright.runs where repository = $1';
    const runs = await world.database.query(sql, [issue.name]);
    expect(runs).toHaveLength(1);
  });
});

/** An issue whose run waits for the model's first reply. */
async function startHeld() {
  const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
  return { ...issue, ...(await world.labelAndHold(issue)) };
}

describe('/stop, wherever the run is', () => {
  test('ends what installs the dependencies, and leaves no process of it', async () => {
    const mark = 'sleep 62.0123';
    const issue = await world.prepareIssue({ files: minimalProjectWith(`setup: [${mark}]`), turns: [] });
    const asked = await world.label(issue);
    await waitFor('the set-up to run', world, async () => (await findProcesses(mark)).length > 0);
    await world.comment(issue, '/stop');
    const { outcome } = await asked.settled(30_000);
    expect(outcome).toEqual({ kind: 'stopped', reason: '@ada stopped it.' });
    expect(await findProcesses(mark)).toEqual([]);
  });

  test.each([
    ['/stop', 'stopped'],
    ['/stop keep', 'draft'],
  ])('%s ends the one command that runs, and begins none behind it', async (words, kind) => {
    const mark = words === '/stop' ? 'sleep 63.01' : 'sleep 64.01';
    const issue = await world.prepareIssue({
      files: minimalProject,
      turns: [
        {
          calls: [
            ['bash', { command: "echo 'hello Ada' > greeting.txt" }],
            ['str_replace_based_edit_tool', { command: 'create', path: '/workspace/a', file_text: 'a' }],
            ['bash', { command: mark }],
            ['str_replace_based_edit_tool', { command: 'create', path: '/workspace/b', file_text: 'b' }],
            ['bash', { command: `${mark}9` }],
          ],
        },
      ],
    });
    const asked = await world.label(issue);
    await waitFor('the command to run', world, async () => (await findProcesses(mark)).length > 0);
    await world.comment(issue, words);
    const { outcome } = await asked.settled(40_000);
    expect(outcome.kind).toBe(kind);
    expect(await findProcesses(mark)).toEqual([]);
  });

  test('by the one who asked for the run is obeyed, also when they may no longer write', async () => {
    const issue = await startHeld();
    world.github.setRole(issue.name, 'ada', 'read');
    await world.comment(issue, '/stop');
    expect((await issue.run.settled()).outcome.kind).toBe('stopped');
    issue.release();
  });

  test('is obeyed also when the comment was deleted again', async () => {
    const issue = await startHeld();
    const { createdId } = await world.comment(issue, '/stop');
    world.github.deleteComment(issue.name, issue.number, createdId ?? 0);
    expect((await issue.run.settled()).outcome.kind).toBe('stopped');
    issue.release();
  });

  test('its issue is deleted: it ends, though nobody can be told there', async () => {
    const issue = await startHeld();
    await world.github.deleteIssue(issue.name, issue.number, 'ada');
    const { outcome } = await issue.run.settled();
    issue.release();
    expect(outcome).toEqual({ kind: 'stopped', reason: 'The issue was deleted.' });
  });
});

describe('/retry', () => {
  test('is a button of the check run, too', async () => {
    const { github } = world;
    const { name, pulls } = await runIssue(world, { files: minimalProject, turns: solveMinimalProject });
    const headSha = pulls[0]?.pull.headSha ?? '';
    github.setRole(name, 'mallory', 'read');
    const stranger = await world.act(() => github.pressButton(name, headSha, 'retry', 'mallory'));
    await stranger.reply('@mallory has no write access');
    const button = await world.act(() => github.pressButton(name, headSha, 'retry', 'ada'));
    expect((await button.settled()).outcome.kind).toBe('pull-request');
    expect(github.pullRequests(name)).toHaveLength(1);
  });

  test('goes on from where the run ended, also behind one that never began, and buys no reply twice', async () => {
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
    busy.release();
    await busy.run.settled();
    const requests = model.requests.length;
    const third = await world.comment(issue, '/retry');
    expect((await third.settled()).outcome.kind).toBe('pull-request');
    expect(model.requests.length - requests).toBe(2);
    expect(JSON.stringify(model.requests[requests]?.body.messages.at(-1))).toContain('Continue it.');
    expect(await greetingOf(issue)).toBe('hello Ada\n');
  });

  test('from scratch begins anew', async () => {
    const issue = await startHeld();
    const early = await world.comment(issue, '/retry');
    await early.reply('A run is in progress here. `/stop` ends it');
    await world.comment(issue, '/stop');
    await issue.run.settled();
    issue.release();
    const retry = await world.comment(issue, '/retry from scratch');
    expect((await retry.settled()).outcome.kind).toBe('pull-request');
  });
});

test('a command that is mistyped is answered with those that there are', async () => {
  const mistyped = await world.comment(await world.prepareIssue({ files: minimalProject }), '/implment');
  await mistyped.reply('I know these commands, at the start of a line');
  await mistyped.reply('`/retry from scratch` begins anew');
});
