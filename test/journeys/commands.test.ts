import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptedTurn } from '../../scripted-model/scripted-model.js';
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

describe('/implement with words, while a run goes on', () => {
  const eyesOn = (name: string, number: number, comment: { id: number }) =>
    waitFor('the words to be seen', world, async () =>
      world.github.state
        .issue(world.github.state.repository(name), number)
        .comments.find(({ id }) => id === comment.id)
        ?.reactions.some(({ content }) => content === 'eyes'),
    );

  test('reaches the agent at its next turn, also when it was about to submit, and is not lost by a crash', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
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
    const [held, heldAgain] = [model.hold(1, title), model.hold(2, title)];
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    const comment = await github.comment(name, number, '/implement Say goodbye too.', 'ada');
    await eyesOn(name, number, comment);
    held.release();
    await heldAgain.reached;
    await world.app.kill();
    heldAgain.release();
    await world.startAgain();
    expect((await world.settled(name, number)).outcome.kind).toBe('pull-request');
    expect(await github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt')).toBe(
      'hello Ada\ngoodbye Ada\n',
    );
    await says(name, number, '- ada said more: heard in turn 2');
    expect(await world.answered(name, number)).toMatch(/^told to run /);
  });

  test('reaches the agent of a run that has not begun, and is bounded and cleaned as every text is', async () => {
    const { github, model } = world;
    const first = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const held = model.hold(1, first.title);
    await github.label(first.name, first.number, 'backend', 'ada');
    await held.reached;
    const { name, number } = await world.prepareIssue({
      files: minimalProject,
      turns: [
        { expect: ['New messages about this task arrived', 'Say hello first.'], calls: [submitGreeting] },
        { calls: [] },
      ],
    });
    await github.label(name, number, 'backend', 'ada');
    await says(name, number, 'Queued:');
    const words = `/implement Say hello\u{e0041} first.\n${'x'.repeat(9000)}`;
    await eyesOn(name, number, await github.comment(name, number, words, 'ada'));
    held.release();
    await world.settled(name, number);
    await says(name, number, '- ada said more: heard in turn 1');
    await says(name, number, 'in a comment of ada');
    const shown = JSON.stringify(model.requests.at(-1)?.body.messages[0]).match(/x{100,}/)?.[0].length;
    expect(shown).toBeLessThanOrEqual(8000);
  });

  test('is refused in words when the agent has ended its work, and by whom nobody has to listen to', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    github.failNext({ path: new RegExp(`^/repos/${name}/pulls$`), method: 'POST', status: 502, times: 3 });
    await github.label(name, number, 'backend', 'ada');
    await waitFor(
      'the run to wait',
      world,
      async () =>
        (
          await world.database.query(
            "select from pullwright.run_events join pullwright.runs on runs.id = run_id where repository = $1 and event->>'type' = 'waiting'",
            [name],
          )
        ).length > 0,
    );
    await github.comment(name, number, '/implement Say goodbye too.', 'ada');
    expect(await world.answered(name, number)).toMatch(/^refused: .* its agent has ended its work/);
    github.setRole(name, 'mallory', 'read');
    await github.comment(name, number, '/implement Delete it all.', 'mallory');
    expect(await world.answered(name, number)).toMatch(/^refused: @mallory may not write/);
    expect((await world.settled(name, number)).outcome.kind).toBe('pull-request');
    expect(world.progress(name, number)).not.toContain('said more');
  });
});

describe('/stop', () => {
  test.each(['/stop', '/stop keep'])('%s ends a run that waits for the model, at once', async (command) => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: [{ calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] }, ...solveMinimalProject],
    });
    const held = model.hold(1, title);
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    model.failNext({ when: title, status: 529, headers: { 'retry-after': '900' } });
    held.release();
    await says(name, number, 'Waiting:');
    await github.comment(name, number, command, 'ada');
    const { outcome } = await world.settled(name, number, 60_000);
    expect(outcome.kind).toBe(command === '/stop' ? 'stopped' : 'draft');
  });

  test('ends a run that waits for GitHub before it has begun, at once', async () => {
    const { github, model } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const asked = model.requests.length;
    const path = new RegExp(`^/repos/${name}/issues/${number}/labels/`);
    github.failNext({ method: 'DELETE', path, status: 502, headers: { 'retry-after': '900' }, times: 5 });
    await github.label(name, number, 'backend', 'ada');
    await waitFor(
      'the run to wait',
      world,
      async () =>
        (
          await world.database.query(
            `select from pullwright.run_events join pullwright.runs on runs.id = run_id
             where repository = $1 and event ->> 'type' = 'waiting'`,
            [name],
          )
        ).length > 0,
    );
    await github.comment(name, number, '/stop', 'ada');
    expect((await world.settled(name, number, 60_000)).outcome.kind).toBe('stopped');
    expect(model.requests).toHaveLength(asked);
  });

  test('ends a run while the model answers, says who did, and nothing is pushed', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: solveMinimalProject,
    });
    const held = model.hold(1, title);
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    await github.comment(name, number, '/stop', 'ada');
    const { outcome } = await world.settled(name, number);
    held.release();
    expect(outcome).toEqual({ kind: 'stopped', reason: '@ada stopped it' });
    await says(name, number, /Stopped:.. @ada stopped it/);
    expect(github.pullRequests(name)).toEqual([]);
  });

  test('ends a command that runs, within seconds', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({
      files: minimalProject,
      turns: [{ calls: [['bash', { command: 'sleep 100' }]] }],
    });
    await github.label(name, number, 'backend', 'ada');
    await says(name, number, 'in turn 1');
    const asked = Date.now();
    await github.comment(name, number, '/stop', 'ada');
    const { outcome } = await world.settled(name, number);
    expect(outcome.kind).toBe('stopped');
    expect(Date.now() - asked).toBeLessThan(30_000);
  });

  test('keep: what is there lands as a draft that says who stopped it', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: [
        { calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] },
        { calls: [['bash', { command: 'cat greeting.txt' }]] },
      ],
    });
    const held = model.hold(2, title);
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    await github.comment(name, number, '/stop keep', 'ada');
    const { outcome } = await world.settled(name, number);
    held.release();
    expect(outcome).toMatchObject({
      kind: 'draft',
      reason: ['The run was stopped before the agent finished its work: @ada stopped it.'],
    });
    expect(await github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt')).toBe(
      'hello Ada\n',
    );
  });

  test('without keep lets go of what was to be kept', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProjectWith("test: 'if grep --quiet Ada greeting.txt; then sleep 65.02; fi'"),
      turns: [{ calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] }, { calls: [] }],
    });
    const held = model.hold(2, title);
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    await github.comment(name, number, '/stop keep', 'ada');
    await waitFor(
      'the tests to run on the change',
      world,
      async () => (await findProcesses('sleep\u000065.02')).length > 0,
    );
    await github.comment(name, number, '/stop', 'ada');
    held.release();
    expect((await world.settled(name, number)).outcome).toEqual({
      kind: 'stopped',
      reason: '@ada stopped it',
    });
    expect(github.pullRequests(name)).toEqual([]);
  });

  test('of a run that stands in line ends it at once; and where nothing goes on, that is said', async () => {
    const { github, model } = world;
    const first = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const second = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const held = model.hold(1, first.title);
    await github.label(first.name, first.number, 'backend', 'ada');
    await held.reached;
    await github.label(second.name, second.number, 'backend', 'ada');
    await says(second.name, second.number, 'Queued');
    await github.comment(second.name, second.number, '/status', 'ada');
    await says(second.name, second.number, /Queued:\*\* (?:1 run is|next in).* \[All of it\]/);
    await github.comment(second.name, second.number, '/stop', 'ada');
    expect((await world.settled(second.name, second.number)).outcome.kind).toBe('stopped');
    await says(second.name, second.number, /Stopped:.. @ada stopped it/);
    await github.comment(second.name, second.number, '/stop', 'ada');
    await says(second.name, second.number, 'Nothing is going on here that this could stop');
    held.release();
    expect((await world.settled(first.name, first.number)).outcome.kind).toBe('pull-request');
    expect(github.pullRequests(second.name)).toEqual([]);
  });

  test('by a stranger is refused, and the run goes on', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: solveMinimalProject,
    });
    github.setRole(name, 'mallory', 'read');
    const held = model.hold(1, title);
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    await github.comment(name, number, '/stop', 'mallory');
    await says(name, number, '@mallory, this was not done: @mallory may not write');
    held.release();
    expect((await world.settled(name, number)).outcome.kind).toBe('pull-request');
  });
});

describe('what a run was for is gone', () => {
  test('its issue is closed in mid-run: it ends', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: solveMinimalProject,
    });
    const held = model.hold(1, title);
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    await github.closeIssue(name, number, 'ada');
    const { outcome } = await world.settled(name, number);
    held.release();
    expect(outcome).toEqual({ kind: 'stopped', reason: '@ada closed the issue' });
    expect(github.pullRequests(name)).toEqual([]);
  });

  test('its label is taken off while it stands in line: it ends; another label means nothing', async () => {
    const { github, model } = world;
    const first = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const second = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
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
    expect((await world.settled(second.name, second.number)).outcome).toEqual({
      kind: 'stopped',
      reason: '@ada took the label backend off',
    });
    held.release();
    await world.settled(first.name, first.number);
  });

  test('who asked may no longer write when its turn comes: it is refused', async () => {
    const { github, model, database } = world;
    const first = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const second = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const held = model.hold(1, first.title);
    await github.label(first.name, first.number, 'backend', 'ada');
    await held.reached;
    await github.label(second.name, second.number, 'backend', 'ada');
    await says(second.name, second.number, 'Queued');
    github.setRole(second.name, 'ada', 'read');
    // So long has it stood in line.
    await database.query(
      `update pullwright.runs set created_at = now() - interval '10 minutes' where repository = $1`,
      [second.name],
    );
    held.release();
    expect((await world.settled(second.name, second.number)).outcome).toEqual({
      kind: 'refusal',
      reason: '@ada may no longer write to this repository',
    });
    await world.settled(first.name, first.number);
  });

  test('its pull request is closed while a review is worked on: that ends', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: [...solveMinimalProject, ...runAndSubmit("echo 'good day' > greeting.txt")],
    });
    await github.label(name, number, 'backend', 'ada');
    await world.settled(name, number);
    const pull = github.pullRequests(name)[0]?.number ?? 0;
    const held = model.hold(2, title);
    await github.submitReview(name, pull, { state: 'changes_requested', body: 'Say good day.' }, 'ada');
    await held.reached;
    await github.closeIssue(name, pull, 'ada');
    const { outcome } = await world.settled(name, number);
    held.release();
    expect(outcome).toEqual({ kind: 'stopped', reason: '@ada closed the pull request' });
    expect(await github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt')).toBe(
      'hello Ada\n',
    );
  });
});

describe('deliveries that come in the wrong order, within a minute', () => {
  /** What people do while no delivery gets through; they come afterwards, the last one first. */
  const deliverBackwards = async (acts: (() => Promise<{ id: number } | null>)[]) => {
    const { github, app } = world;
    github.setWebhook('http://127.0.0.1:1/', webhookSecret);
    const sent: number[] = [];
    for (const act of acts) sent.unshift((await act())?.id ?? 0);
    github.setWebhook(app.webhookUrl, webhookSecret);
    for (const id of sent) expect((await github.redeliver(id))?.statusCode).toBe(200);
  };
  const runsOf = (name: string) =>
    world.database.query('select id from pullwright.runs where repository = $1', [name]);

  test.each(['closed', 'unlabeled'])('%s before labeled: no run starts', async (end) => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: [] });
    await deliverBackwards([
      () => github.label(name, number, 'backend', 'ada'),
      () =>
        end === 'closed'
          ? github.closeIssue(name, number, 'ada')
          : github.unlabel(name, number, 'backend', 'ada'),
    ]);
    expect(await world.answered(name, number)).toBe('not for us');
    expect(await runsOf(name)).toEqual([]);
    expect(bodies(name, number)).toEqual([]);
  });

  test('closed before the command that was written first: no run starts', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: [] });
    await deliverBackwards([
      async () => (await github.comment(name, number, '/implement', 'ada')).delivery,
      () => github.closeIssue(name, number, 'ada'),
    ]);
    expect(await world.answered(name, number)).toBe('not for us');
    expect(await runsOf(name)).toEqual([]);
  });

  test('a label that is taken off and put on again at once is asked for once more', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    await deliverBackwards([
      () => github.label(name, number, 'backend', 'ada'),
      () => github.unlabel(name, number, 'backend', 'ada'),
    ]);
    await github.label(name, number, 'backend', 'ada');
    expect((await world.settled(name, number)).outcome.kind).toBe('pull-request');
  });

  test.each([
    ['closed', 'the issue was closed while the run stood in line'],
    ['unlabeled', 'what was asked for was taken back before the run began'],
  ])('%s while it is asked who may: the run ends before it begins, and that is said', async (end, reason) => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: solveMinimalProject,
    });
    const held = github.hold({ path: new RegExp(`/repos/${name}/collaborators/`) });
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    if (end === 'closed') await github.closeIssue(name, number, 'ada');
    else await github.unlabel(name, number, 'backend', 'ada');
    await waitFor('the end to be obeyed', world, async () => {
      const sql = `select from pullwright.deliveries where trigger ->> 'kind' = 'end' and result = 'stopped 0'
        and trigger #>> '{issue,title}' = $1`;
      return (await world.database.query(sql, [title])).length > 0;
    });
    held.release();
    expect((await world.settled(name, number)).outcome).toEqual({ kind: 'stopped', reason });
    expect(world.progress(name, number)).toContain(reason);
    expect(model.requests.some(({ body }) => JSON.stringify(body.messages[0]).includes(title))).toBe(false);
  });
});

describe('a word that comes late', () => {
  test('ends nothing that was asked for after it', async () => {
    const { github, app } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: solveMinimalProject,
    });
    github.setWebhook('http://127.0.0.1:1/', webhookSecret);
    const { delivery: stop } = await github.comment(name, number, '/stop', 'ada');
    const { delivery: retry } = await github.comment(name, number, '/retry', 'ada');
    const close = await github.closeIssue(name, number, 'ada');
    await github.reopenIssue(name, number, 'ada');
    // An hour ago, by GitHub's clock.
    const then = new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+/, '');
    for (const delivery of [stop, retry, close]) {
      const payload = delivery?.request.payload as {
        issue: { updated_at: string };
        comment?: { created_at: string };
      };
      payload.issue.updated_at = then;
      if (payload.comment) payload.comment.created_at = then;
    }
    // Also for the look at what was missed that a start begins with.
    for (const comment of github.state.issue(github.state.repository(name), number).comments)
      Object.assign(comment, { createdAt: then, updatedAt: then });
    github.setWebhook(app.webhookUrl, webhookSecret);
    const held = world.model.hold(1, title);
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    for (const delivery of [stop, retry, close]) await github.redeliver(delivery?.id ?? 0);
    await says(name, number, 'Nothing is going on here that this could stop');
    await says(name, number, 'Something else was asked for here since then');
    await waitFor('the end to be heard', world, async () => {
      const sql = 'select from pullwright.deliveries where id = $1 and result = $2';
      return (await world.database.query(sql, [close?.guid, 'stopped 0'])).length > 0;
    });
    held.release();
    expect((await world.settled(name, number)).outcome.kind).toBe('pull-request');
  });

  test('/stop right behind /implement ends the run before it begins', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: solveMinimalProject,
    });
    const held = github.hold({ path: new RegExp(`/repos/${name}/collaborators/`) });
    await github.comment(name, number, '/implement', 'ada');
    await held.reached;
    await github.comment(name, number, '/stop', 'ada');
    await says(name, number, 'Nothing is going on here that this could stop');
    held.release();
    expect((await world.settled(name, number)).outcome).toEqual({
      kind: 'stopped',
      reason: '@ada stopped it',
    });
    expect(model.requests.some(({ body }) => JSON.stringify(body.messages[0]).includes(title))).toBe(false);
  });

  test('/retry of a closed issue is refused with the reason, also by the button', async () => {
    const { github } = world;
    const { name, number, pulls } = await runIssue(world, {
      files: minimalProject,
      turns: solveMinimalProject,
    });
    await github.closeIssue(name, number, 'ada');
    await github.comment(name, number, '/retry', 'ada');
    await says(name, number, '@ada, this was not done: the issue is closed; reopen it first.');
    await github.pressButton(name, String(pulls[0]?.pull.headSha), 'retry', 'ada');
    await says(
      name,
      Number(pulls[0]?.number),
      '@ada, this was not done: the issue is closed; reopen it first.',
    );
    const runs = await world.database.query('select from pullwright.runs where repository = $1', [name]);
    expect(runs).toHaveLength(1);
  });
});

/** Labels an issue, and resolves when the model is being asked; `release` lets it answer. */
async function holdModel(turns: ScriptedTurn[], turn = 1) {
  const issue = await world.prepareIssue({ files: minimalProject, turns });
  const held = world.model.hold(turn, issue.title);
  await world.github.label(issue.name, issue.number, 'backend', 'ada');
  await held.reached;
  return { ...issue, release: held.release };
}

describe('/stop, wherever the run is', () => {
  test('ends what installs the dependencies, and leaves no process of it', async () => {
    const mark = 'sleep 62.0123';
    const { name, number } = await world.prepareIssue({
      files: minimalProjectWith(`setup: [${mark}]`),
      turns: [],
    });
    await world.github.label(name, number, 'backend', 'ada');
    await waitFor('the set-up to run', world, async () => (await findProcesses(mark)).length > 0);
    await world.github.comment(name, number, '/stop', 'ada');
    const { outcome } = await world.settled(name, number, 30_000);
    expect(outcome).toEqual({ kind: 'stopped', reason: '@ada stopped it' });
    expect(await findProcesses(mark)).toEqual([]);
  });

  test.each([
    ['/stop', 'stopped'],
    ['/stop keep', 'draft'],
  ])('%s ends the one command that runs, and begins none behind it', async (words, kind) => {
    const mark = words === '/stop' ? 'sleep 63.01' : 'sleep 64.01';
    const { name, number } = await world.prepareIssue({
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
    await world.github.label(name, number, 'backend', 'ada');
    await waitFor('the command to run', world, async () => (await findProcesses(mark)).length > 0);
    await world.github.comment(name, number, words, 'ada');
    const { outcome } = await world.settled(name, number, 40_000);
    expect(outcome.kind).toBe(kind);
    expect(await findProcesses(mark)).toEqual([]);
  });

  test('by the one who asked for the run is obeyed, also when they may no longer write', async () => {
    const issue = await holdModel(solveMinimalProject);
    world.github.setRole(issue.name, 'ada', 'read');
    await world.github.comment(issue.name, issue.number, '/stop', 'ada');
    expect((await world.settled(issue.name, issue.number)).outcome.kind).toBe('stopped');
    issue.release();
  });

  test('is obeyed also when the comment was deleted again', async () => {
    const issue = await holdModel(solveMinimalProject);
    const { id } = await world.github.comment(issue.name, issue.number, '/stop', 'ada');
    world.github.deleteComment(issue.name, issue.number, id);
    expect((await world.settled(issue.name, issue.number)).outcome.kind).toBe('stopped');
    issue.release();
  });

  test('its issue is deleted: it ends, though nobody can be told there', async () => {
    const issue = await holdModel(solveMinimalProject);
    await world.github.deleteIssue(issue.name, issue.number, 'ada');
    const { outcome } = await world.settled(issue.name, issue.number);
    issue.release();
    expect(outcome).toEqual({ kind: 'stopped', reason: 'the issue was deleted' });
  });
});

describe('/retry', () => {
  test('is a button of the check run, too', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    await github.label(name, number, 'backend', 'ada');
    await world.settled(name, number);
    const [pull] = github.pullRequests(name);
    github.setRole(name, 'mallory', 'read');
    await github.pressButton(name, pull?.pull.headSha ?? '', 'retry', 'mallory');
    await says(name, pull?.number ?? 0, '@mallory may not write');
    await github.pressButton(name, pull?.pull.headSha ?? '', 'retry', 'ada');
    await waitFor('a second run', world, async () => {
      const sql = 'select id from pullwright.runs where repository = $1';
      return (await world.database.query(sql, [name])).length === 2;
    });
    expect((await world.settled(name, number)).outcome.kind).toBe('pull-request');
    expect(github.pullRequests(name)).toHaveLength(1);
  });

  test('goes on from where the run ended, also behind one that never began, and buys no reply twice', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: [
        { calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] },
        { calls: [['bash', { command: 'cat greeting.txt' }]] },
        { expect: ['hello Ada'], calls: [submitGreeting] },
      ],
    });
    const held = model.hold(2, title);
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    await github.comment(name, number, '/stop', 'ada');
    await world.settled(name, number);
    held.release();
    // The only slot is taken: this one is stopped before it came to its task.
    const other = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const busy = model.hold(1, other.title);
    await github.label(other.name, other.number, 'backend', 'ada');
    await busy.reached;
    await github.comment(name, number, '/retry', 'ada');
    await says(name, number, 'Queued:');
    await github.comment(name, number, '/stop', 'ada');
    await world.settled(name, number);
    busy.release();
    await world.settled(other.name, other.number);
    const asked = model.requests.length;
    await github.comment(name, number, '/retry', 'ada');
    expect((await world.settled(name, number)).outcome.kind).toBe('pull-request');
    expect(model.requests.length - asked).toBe(2);
    expect(JSON.stringify(model.requests[asked]?.body.messages.at(-1))).toContain('Continue it.');
    expect(await github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt')).toBe(
      'hello Ada\n',
    );
  });

  test('from scratch begins anew', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: solveMinimalProject,
    });
    const held = model.hold(1, title);
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    await github.comment(name, number, '/retry', 'ada');
    await says(name, number, 'A run is going on here; `/stop` ends it');
    await github.comment(name, number, '/stop', 'ada');
    await world.settled(name, number);
    held.release();
    await github.comment(name, number, '/retry from scratch', 'ada');
    expect((await world.settled(name, number)).outcome.kind).toBe('pull-request');
  });
});

test('a command that is mistyped is answered with those that there are', async () => {
  const { name, number } = await world.prepareIssue({ files: minimalProject });
  await world.github.comment(name, number, '/implment', 'ada');
  await says(name, number, 'These I know, alone at the start of a line');
  await says(name, number, '`/retry from scratch` begins anew');
});
