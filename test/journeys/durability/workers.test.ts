import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { ScriptedTurn } from '../../../scripted-model/scripted-model.js';
import { minimalProject, submitGreeting } from '../../support/sample-projects.js';
import type { App } from '../../support/start-app.js';
import { webhookSecret } from '../../support/start-app.js';
import { waitFor } from '../../support/wait-for.js';
import type { RunHandle } from '../../support/world/run-handle.js';
import { startWorld, type World } from '../../support/world/start-world.js';
import type { Place } from '../../support/world/world.js';

let world: World;
let other: App | null = null;

beforeAll(async () => {
  world = await startWorld({ WORKER_DEAD_AFTER_SECONDS: '3' });
});

afterEach(async () => {
  await other?.stop();
  other = null;
});

afterAll(() => world.stop());

/** What the first turn did and printed is needed by the second: only who has both can go on. */
const turns: ScriptedTurn[] = [
  { calls: [['bash', { command: "echo 'hello Ada' > greeting.txt; seq 1 5000" }]] },
  {
    expect: ['full text: /outputs/turn-1-1.txt'],
    calls: [['bash', { command: 'cat greeting.txt; sed -n 2500p /outputs/turn-1-1.txt' }]],
  },
  { expect: ['hello Ada\n2500'], calls: [submitGreeting] },
];

const secondaryLimit = { message: 'You have exceeded a secondary rate limit.' };

const askedTurns = (title: string) =>
  world.model.requests
    .filter(({ body }) => JSON.stringify(body.messages[0]).includes(title))
    .map(({ body }) => body.messages.filter(({ role }) => role === 'assistant').length + 1);

/**
 * A run that the first worker is in the second turn of, and another worker beside it that shares no disk with
 * it.
 */
async function startHeld() {
  const issue = await world.prepareIssue({ files: minimalProject, turns });
  const held = await world.labelAndHold(issue, 2);
  other = await world.startSecond({}, 'worker');
  return { ...issue, ...held };
}

/** The run ends with one pull request, one check run and one comment. */
async function expectOneOfEach({ name, number }: Place, run: RunHandle) {
  expect((await run.settled()).outcome.kind).toBe('pull-request');
  expect(world.github.pullRequests(name)).toHaveLength(1);
  expect(world.github.checkRuns(name)).toHaveLength(1);
  expect(world.progress(name, number)).toContain('**Done:**');
  expect(await world.github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt')).toBe(
    'hello Ada\n',
  );
}

describe('two workers on one database', () => {
  test('the run of a killed worker is taken over at the same turn, from its checkpoint', async () => {
    const issue = await startHeld();
    await world.app.kill();
    issue.release();
    await expectOneOfEach(issue, issue.run);
    expect(askedTurns(issue.title)).toEqual([1, 2, 2, 3]);
    await world.startAgain();
  });

  test('a worker that froze and was declared dead writes nothing more, and exits with 75', async () => {
    const issue = await startHeld();
    const { run, title, release } = issue;
    world.app.process.kill('SIGSTOP');
    await waitFor('the other worker to ask', world, async () => askedTurns(title).length === 3);
    release();
    await expectOneOfEach(issue, run);
    const before = { requests: world.github.requests.length, events: await run.events() };
    world.app.process.kill('SIGCONT');
    expect(await world.app.exited).toBe(75);
    expect({ requests: world.github.requests.length, events: await run.events() }).toEqual(before);
    expect(askedTurns(title)).toEqual([1, 2, 2, 3]);
    await world.startAgain();
  });

  test('a worker that froze during recovery does not block recovery by others', async () => {
    const issue = await world.prepareIssue({ files: minimalProject, turns });
    const { run, release } = await world.labelAndHold(issue, 2);
    // It looks in a transaction that has the lock, and is held in the middle of it.
    const { database } = world;
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    try {
      await holder.query('select pg_advisory_lock(4711)');
      await database.query(`create function pullwright.wait_for_test() returns trigger language plpgsql as
        'begin perform pg_advisory_xact_lock_shared(4711); return null; end'`);
      await database.query(`create trigger wait_for_test before delete on pullwright.workers
        for each statement execute function pullwright.wait_for_test()`);
      await waitFor('the worker to look for dead ones', world, async () => {
        const sql = "select from pg_locks where locktype = 'advisory' and objid = 4711 and not granted";
        return (await database.query(sql)).length > 0;
      });
      world.app.process.kill('SIGSTOP');
    } finally {
      // With its connection goes the lock.
      await holder.end();
    }
    other = await world.startSecond({}, 'worker');
    release();
    await expectOneOfEach(issue, run);
    expect(askedTurns(issue.title)).toEqual([1, 2, 2, 3]);
    world.app.process.kill('SIGCONT');
    expect(await world.app.exited).toBe(75);
    await database.query('drop function pullwright.wait_for_test cascade');
    await world.startAgain();
  });

  test('a worker that gets SIGTERM finishes its step and hands over, and nothing is paid for twice', async () => {
    const issue = await startHeld();
    const stopped = world.app.stop();
    issue.release();
    expect(await stopped).toBe(0);
    await expectOneOfEach(issue, issue.run);
    expect(askedTurns(issue.title)).toEqual([1, 2, 3]);
    await world.startAgain();
  });

  test('a run that repeatedly kills its worker is ended with a message, even during a GitHub outage, and can be requested again', async () => {
    const issue = await world.prepareIssue({ files: minimalProject, turns });
    const { name, number, title } = issue;
    let held = world.model.hold(1, title);
    const run = await (await world.label(issue)).run();
    // One wait for all deaths: it fails only when the run never settles.
    const settled = run.settled(270_000);
    for (let death = 1; death <= 9; death++) {
      const end = await Promise.race([
        held.reached.then(() => 'at the model'),
        settled.then(({ outcome }) => outcome.kind),
      ]);
      if (end === 'failed') break;
      expect(end).toBe('at the model');
      await world.app.kill();
      const before = held;
      held = world.model.hold(1, title);
      before.release();
      if (death === 5) {
        const path = new RegExp(`^/repos/${name}/issues/comments/`);
        world.github.failNext({ path, status: 502, times: 2 });
        world.github.failNext({ path, status: 403, headers: { 'retry-after': '2' }, body: secondaryLimit });
      }
      await world.startAgain();
    }
    held.release();
    expect((await settled).outcome.kind).toBe('failed');
    const waits = (await run.events()).filter(({ type }) => type === 'waiting');
    expect(waits.map(({ reason }) => reason)).toEqual([
      'GitHub answered 502 to a request to write on the issue',
      'GitHub answered 502 to a request to write on the issue',
      "GitHub's rate limit was reached (403)",
    ]);
    expect(world.progress(name, number)).toContain('**Failed:**');
    expect(world.progress(name, number)).toContain(
      'its worker died 5 times in a row, and the run made no progress in between',
    );
    expect(world.github.pullRequests(name)).toEqual([]);
    expect(askedTurns(title).length).toBeLessThanOrEqual(7);
    await expectOneOfEach(issue, await (await world.comment(issue, '/implement')).run());
    // Seven starts of the program, and GitHub's waits.
  }, 300_000);
});

test('a run that shares a worker with one that repeatedly kills it is not ended', async () => {
  const [killer, bystander] = [
    await world.prepareIssue({ files: minimalProject, turns }),
    await world.prepareIssue({ files: minimalProject, turns }),
  ];
  const hold = () => [world.model.hold(1, killer.title), world.model.hold(1, bystander.title)] as const;
  let [killing, standing] = hold();
  const kill = async () => {
    await world.app.kill();
    const before = [killing, standing];
    [killing, standing] = hold();
    for (const held of before) held.release();
    await world.startAgain();
  };
  const killerRun = await (await world.label(killer)).run();
  const bystanderRun = await (await world.label(bystander)).run();
  for (let death = 1; death <= 2; death++) {
    await Promise.all([killing.reached, standing.reached]);
    await kill();
  }
  // From here on, only one of them is under way until it gets further: it kills its worker, or it does not.
  const endOf = async (run: RunHandle) => (await run.settled(180_000)).outcome.kind;
  const ends = Promise.all([endOf(killerRun), endOf(bystanderRun)]);
  for (let ended = false; !ended; ) {
    const next = await Promise.race([
      killing.reached.then(() => 'killer'),
      standing.reached.then(() => 'bystander'),
      ends.then(() => 'end'),
    ]);
    if (next === 'killer') await kill();
    if (next === 'bystander') {
      standing.release();
      // Not to be told of the same one for ever.
      standing = world.model.hold(1, bystander.title);
    }
    ended = next === 'end';
  }
  expect(await ends).toEqual(['failed', 'pull-request']);
  expect(world.progress(killer.name, killer.number)).toContain('its worker died 5 times in a row');
  for (const held of [killing, standing]) held.release();
}, 200_000);

describe('separate web and worker processes', () => {
  test('web accepts deliveries without a worker, and a worker handles them when it starts', async () => {
    const alone = await startWorld({});
    try {
      await alone.app.stop();
      const web = await alone.startSecond({}, 'web');
      alone.github.setWebhook(web.webhookUrl, webhookSecret);
      const issue = await alone.prepareIssue({ files: minimalProject, turns });
      const asked = await alone.label(issue);
      expect(asked.delivery.statusCode).toBe(200);
      expect(alone.github.botComments(issue.name, issue.number)).toEqual([]);
      await alone.startAgain();
      expect((await asked.settled()).outcome.kind).toBe('pull-request');
      expect(await web.stop()).toBe(0);
    } finally {
      // It also looks for folders that were left behind.
      await alone.stop();
    }
  });

  test('neither starts without a shared database', async () => {
    await expect(world.startSecond({ DATABASE_URL: '' }, 'web')).rejects.toThrow(
      /exit code 78:\npullwright: DATABASE_URL: expected the Postgres that web and worker processes share; it is not set/,
    );
  });
});
