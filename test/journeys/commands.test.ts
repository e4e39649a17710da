import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findProcesses } from '../support/find-processes.js';
import { doAndSubmit, plain, plainWith, solvePlain, submitPlain } from '../support/plain.js';
import { runIssue } from '../support/run-issue.js';
import type { ScriptedTurn } from '../support/scripted-model/conversation.js';
import { startWorld, type World, waitFor } from '../support/start-world.js';

let world: World;

beforeAll(async () => {
  // One run at a time: the others stand in line.
  world = await startWorld({ PULLWRIGHT_CONCURRENCY: '1' });
});

afterAll(() => world.stop());

const statusOf = async (name: string) =>
  (
    await world.database.query<{ status: string }>(
      'select status from pullwright.runs where repository = $1 order by created_at desc limit 1',
      [name],
    )
  )[0]?.status;
const runIdsOf = async (name: string) =>
  (
    await world.database.query<{ id: string }>(
      'select id from pullwright.runs where repository = $1 order by created_at',
      [name],
    )
  ).map(({ id }) => id);
const askedFor = (title: string) =>
  world.model.requests.filter(({ body }) => JSON.stringify(body.messages[0]).includes(title)).length;
/** Everything that the bot said beside its progress comment. */
const answersOf = (name: string, number: number) =>
  world.github
    .botComments(name, number)
    .map(({ body }) => body)
    .filter((body) => !body.includes('pullwright:progress'));

/** Labels an issue, and resolves when the agent's model is being asked; `release` lets it answer. */
async function holdModel(turns: ScriptedTurn[], turn = 1, files: Record<string, string> = plain) {
  const issue = await world.prepareIssue({ files, turns });
  const held = world.model.hold(turn, issue.title);
  await world.github.label(issue.name, issue.number, 'backend', 'ada');
  await held.reached;
  return { ...issue, release: held.release };
}

async function command(issue: { name: string; number: number }, text: string, by = 'ada') {
  const { delivery } = await world.github.comment(issue.name, issue.number, text, by);
  const guid = delivery?.guid ?? '';
  return waitFor(`"${text}" to be answered`, world, async () => {
    const sql = 'select outcome from pullwright.deliveries where id = $1';
    return (await world.database.query<{ outcome: string }>(sql, [guid]))[0]?.outcome;
  });
}

describe('/stop', () => {
  test('breaks the model off in the middle of its reply, and the comment says who and what next', async () => {
    const issue = await holdModel(solvePlain);
    const before = Date.now();
    expect(await command(issue, '/stop')).toBe('stopped 1');
    const { settlement } = await world.settled(issue.name, issue.number, 20_000);
    expect(Date.now() - before).toBeLessThan(20_000);
    issue.release();
    expect(settlement).toEqual({ kind: 'stopped', because: '@ada stopped it' });
    expect(world.progress(issue.name, issue.number)).toMatch(/\*\*Stopped:\*\* @.?ada stopped it/u);
    expect(world.progress(issue.name, issue.number)).toContain('`/retry` goes on where it was.');
    expect(world.github.pullRequests(issue.name)).toEqual([]);
  });

  test('ends a long command within seconds and leaves no process of it', async () => {
    const mark = '61.0123';
    const issue = await world.prepareIssue({
      files: plain,
      turns: [{ calls: [['bash', { command: `sleep ${mark}` }]] }],
    });
    await world.github.label(issue.name, issue.number, 'backend', 'ada');
    await waitFor('the command to run', world, async () => (await findProcesses(`sleep ${mark}`)).length > 0);
    await command(issue, '/stop');
    const { settlement } = await world.settled(issue.name, issue.number, 20_000);
    expect(settlement).toMatchObject({ kind: 'stopped' });
    expect(await findProcesses(`sleep ${mark}`)).toEqual([]);
  });

  test('ends what installs the dependencies', async () => {
    const mark = '62.0123';
    const issue = await world.prepareIssue({ files: plainWith(`setup: [sleep ${mark}]`), turns: [] });
    await world.github.label(issue.name, issue.number, 'backend', 'ada');
    await waitFor('the set-up to run', world, async () => (await findProcesses(`sleep ${mark}`)).length > 0);
    await command(issue, '/stop');
    const { settlement } = await world.settled(issue.name, issue.number, 20_000);
    expect(settlement).toEqual({ kind: 'stopped', because: '@ada stopped it' });
    expect(await findProcesses(`sleep ${mark}`)).toEqual([]);
  });

  test('keep makes a draft of the last whole turn, which says who stopped it', async () => {
    const issue = await holdModel(
      [{ calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] }, ...solvePlain],
      2,
    );
    expect(await command(issue, '/stop keep')).toBe('stopped 1');
    const { settlement } = await world.settled(issue.name, issue.number);
    issue.release();
    expect(settlement).toMatchObject({
      kind: 'draft',
      because: [expect.stringContaining('ada stopped it')],
    });
    const [pull] = world.github.pullRequests(issue.name);
    expect(pull?.pull.draft).toBe(true);
    expect(
      await world.github.readFile(issue.name, `heads/pullwright/issue-${issue.number}`, 'greeting.txt'),
    ).toBe('hello Ada\n');
  });

  test('ends a run that stands in line at once', async () => {
    const going = await holdModel(solvePlain);
    const queued = await world.prepareIssue({ files: plain, turns: [] });
    await world.github.label(queued.name, queued.number, 'backend', 'ada');
    await waitFor('it to stand in line', world, async () => (await statusOf(queued.name)) === 'queued');
    await world.answered(queued.name, queued.number);
    expect(await command(queued, '/stop')).toBe('stopped 1');
    expect(await statusOf(queued.name)).toBe('settled');
    expect(world.progress(queued.name, queued.number)).toMatch(/\*\*Stopped:\*\* @.?ada stopped it/u);
    going.release();
    expect((await world.settled(going.name, going.number)).settlement.kind).toBe('pull-request');
    expect(askedFor(queued.title)).toBe(0);
  });

  test('by somebody who may not write is refused, and by the one who asked is not', async () => {
    const issue = await holdModel(solvePlain);
    world.github.setRole(issue.name, 'mallory', 'read');
    expect(await command(issue, '/stop', 'mallory')).toMatch(/^refused: @mallory may not write/);
    expect(await statusOf(issue.name)).toBe('running');
    world.github.setRole(issue.name, 'ada', 'read');
    expect(await command(issue, '/stop')).toBe('stopped 1');
    await world.settled(issue.name, issue.number);
    issue.release();
  });

  test('where nothing is going is answered in a line', async () => {
    const { name, number } = await runIssue(world, { files: plain, turns: solvePlain });
    expect(await command({ name, number }, '/stop')).toBe('nothing to stop');
    expect(answersOf(name, number)).toEqual([expect.stringContaining('Nothing is going here')]);
  });
});

describe('/status', () => {
  test('says what a running and a queued run are at, with the cost and a link', async () => {
    const going = await holdModel([{ calls: [['bash', { command: 'true' }]] }, ...solvePlain], 2);
    const queued = await world.prepareIssue({ files: plain, turns: solvePlain });
    await world.github.label(queued.name, queued.number, 'backend', 'ada');
    await world.answered(queued.name, queued.number);
    await command(going, '/status');
    await command(queued, '/status');
    const [running] = answersOf(going.name, going.number);
    expect(running).toContain('the agent is in turn 1');
    expect(running).toMatch(/So far: 1 turn, [\d,]+ tokens/);
    expect(running).toContain(`/${going.name}/issues/${going.number}#issuecomment-`);
    expect(answersOf(queued.name, queued.number)).toEqual([
      expect.stringContaining('1 run is ahead of this one'),
    ]);
    going.release();
    await world.settled(going.name, going.number);
    await world.settled(queued.name, queued.number);
  });
});

describe('/retry', () => {
  const afterStop = async () => {
    const issue = await holdModel(
      [
        { calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] },
        { calls: [['bash', { command: 'cat greeting.txt' }], submitPlain] },
      ],
      2,
    );
    await command(issue, '/stop');
    await world.settled(issue.name, issue.number);
    issue.release();
    return issue;
  };

  test('goes on from the checkpoint, in the same conversation, and pays no turn twice', async () => {
    const issue = await afterStop();
    const before = askedFor(issue.title);
    expect(await command(issue, '/retry')).toMatch(/^run /);
    const { settlement } = await world.settled(issue.name, issue.number);
    expect(settlement.kind).toBe('pull-request');
    expect(askedFor(issue.title) - before).toBe(1);
    expect(
      await world.github.readFile(issue.name, `heads/pullwright/issue-${issue.number}`, 'greeting.txt'),
    ).toBe('hello Ada\n');
    expect(JSON.stringify(world.model.requests.at(-1)?.body.messages.at(-1))).toContain('Go on with it.');
  });

  test('from scratch begins anew', async () => {
    const issue = await afterStop();
    const before = askedFor(issue.title);
    expect(await command(issue, '/retry from scratch')).toMatch(/^run /);
    expect((await world.settled(issue.name, issue.number)).settlement.kind).toBe('pull-request');
    expect(askedFor(issue.title) - before).toBe(2);
  });

  test('while a run is going says so', async () => {
    const issue = await holdModel(solvePlain);
    expect(await command(issue, '/retry')).toBe('refused: already-going');
    expect(answersOf(issue.name, issue.number)).toEqual([expect.stringContaining('A run is going already')]);
    issue.release();
    await world.settled(issue.name, issue.number);
    expect(await runIdsOf(issue.name)).toHaveLength(1);
  });

  test('by the button of the check run does the same', async () => {
    const turns = [
      ...doAndSubmit("echo 'hello Ada' > greeting.txt"),
      ...doAndSubmit("echo 'good day, Ada' > greeting.txt"),
    ];
    const { name, number, pulls } = await runIssue(world, { files: plain, turns });
    await world.github.pressButton(name, pulls[0]?.pull.headSha ?? '', 'retry', 'ada');
    await waitFor('a second run', world, async () => (await runIdsOf(name)).length === 2);
    expect((await world.settled(name, number)).settlement.kind).toBe('pull-request');
    expect(await world.github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt')).toBe(
      'good day, Ada\n',
    );
  });
});

describe('a command that cannot be read', () => {
  test('is answered with the list, also on an issue that nothing was asked of before', async () => {
    const issue = await world.prepareIssue({ files: plain });
    expect(await command(issue, '/implment it')).toBe('answered');
    expect(answersOf(issue.name, issue.number)).toEqual([expect.stringContaining('`/stop keep`')]);
  });
});

describe('what a run was for', () => {
  test('is gone with its label while it stands in line, and not by the bot itself taking it off', async () => {
    const going = await holdModel(solvePlain);
    const queued = await world.prepareIssue({ files: plain, turns: [] });
    await world.github.label(queued.name, queued.number, 'backend', 'ada');
    await world.answered(queued.name, queued.number);
    await world.github.unlabel(queued.name, queued.number, 'backend', 'ada');
    const { settlement } = await world.settled(queued.name, queued.number);
    expect(settlement).toEqual({ kind: 'stopped', because: '@ada took the label backend off' });
    going.release();
    expect((await world.settled(going.name, going.number)).settlement.kind).toBe('pull-request');
  });

  test('is gone when the issue is closed in mid-run', async () => {
    const issue = await holdModel(solvePlain);
    await world.github.closeIssue(issue.name, issue.number, 'ada');
    const { settlement } = await world.settled(issue.name, issue.number);
    issue.release();
    expect(settlement).toEqual({ kind: 'stopped', because: '@ada closed the issue' });
    expect(world.progress(issue.name, issue.number)).toContain('ada closed the issue');
  });

  test('is gone when the issue is deleted, though nobody can be told there', async () => {
    const issue = await holdModel(solvePlain);
    await world.github.deleteIssue(issue.name, issue.number, 'ada');
    const { settlement } = await world.settled(issue.name, issue.number);
    issue.release();
    expect(settlement).toEqual({ kind: 'stopped', because: 'the issue was deleted' });
  });

  test('is obeyed also when the command was deleted again', async () => {
    const issue = await holdModel(solvePlain);
    const { id } = await world.github.comment(issue.name, issue.number, '/stop', 'ada');
    world.github.deleteComment(issue.name, issue.number, id);
    const { settlement } = await world.settled(issue.name, issue.number);
    issue.release();
    expect(settlement.kind).toBe('stopped');
  });
});
