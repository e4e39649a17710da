import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minimalProject, minimalProjectWith, solveMinimalProject } from '../../support/sample-projects.js';
import { waitFor } from '../../support/wait-for.js';
import { startWorld, type World } from '../../support/world/start-world.js';
import type { Place } from '../../support/world/world.js';

/** A second; both looks at what was missed are taken so often. */
const RECONCILE_MINUTES = '0.017';
let world: World;

const runsOf = (name: string) =>
  world.database.query<{ id: string }>('select id from pullwright.runs where repository = $1', [name]);
const resultsOf = async (name: string) =>
  (
    await world.database.query<{ result: string | null }>(
      "select result from pullwright.deliveries where trigger #>> '{issue,url}' like $1 order by received_at",
      [`%/${name}/%`],
    )
  ).map(({ result }) => result);
/** Resolves with the outcome of the issue's first run, which a look at what was missed starts. */
const firstOutcome = async (issue: Place) => (await (await world.nthRun(issue, 1)).settled()).outcome;
/** Resolves with the result of the repository's first trigger. */
const firstResult = (name: string) =>
  waitFor(`the first trigger of ${name} to be answered`, world, async () => (await resultsOf(name))[0]);
/** Resolves when the issues of all repositories were looked at once more, from beginning to end. */
const lookedAgain = async (times = 2) => {
  const looks = () =>
    world.github.requests.filter(({ path }) => path.startsWith('/app/installations')).length;
  const before = looks();
  // The look that is going on may have begun before what the test did.
  await waitFor('another look', world, async () => looks() > before + times);
};
/** GitHub with nobody to tell: what happens now is never delivered. */
const unheard = async <T>(body: () => Promise<T>): Promise<T> => {
  const { deliveries } = world.github;
  const { webhook } = deliveries;
  deliveries.webhook = null;
  try {
    return await body();
  } finally {
    deliveries.webhook = webhook;
  }
};

beforeAll(async () => {
  world = await startWorld({ RECONCILE_MINUTES });
});
afterAll(() => world.stop());

describe('requests made while the App was down', () => {
  test('a label and a command become pull requests after the start, without any delivery', async () => {
    const { github } = world;
    const labeled = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const commanded = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    await world.app.stop();
    await unheard(async () => {
      await github.label(labeled.name, labeled.number, 'Backend', 'ada');
      await github.comment(commanded.name, commanded.number, '/implement the greeting', 'ada');
    });
    await world.startAgain();
    for (const issue of [labeled, commanded]) {
      expect((await firstOutcome(issue)).kind).toBe('pull-request');
      expect(github.pullRequests(issue.name)).toHaveLength(1);
    }
    await lookedAgain();
    for (const { name, number } of [labeled, commanded]) {
      expect(await runsOf(name)).toHaveLength(1);
      expect(github.botComments(name, number)).toHaveLength(2);
    }
  });

  test('a late delivery starts no second run and gets no answer', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: solveMinimalProject,
    });
    await world.app.stop();
    const missed = await github.label(name, number, 'backend', 'ada');
    // GitHub takes it for delivered: nobody asks for it again.
    Object.assign(missed ?? {}, { statusCode: 202 });
    const held = model.hold(1, title);
    await world.startAgain();
    await held.reached;
    const late = await github.redeliver(missed?.id ?? 0);
    expect(late?.statusCode).toBe(200);
    held.release();
    expect((await firstOutcome({ name, number })).kind).toBe('pull-request');
    await lookedAgain();
    expect((await github.redeliver(missed?.id ?? 0))?.statusCode).toBe(200);
    expect(await resultsOf(name)).toEqual([
      expect.stringMatching(/^run /),
      expect.stringMatching(/^the same as delivery /),
    ]);
    expect(await runsOf(name)).toHaveLength(1);
    expect(github.botComments(name, number)).toHaveLength(2);
  });

  test("a repository's custom label is found as well", async () => {
    const { name, number } = await world.prepareIssue({
      files: minimalProjectWith('labels:\n  api: backend-developer'),
      turns: solveMinimalProject,
    });
    await unheard(async () => {
      await world.github.label(name, number, 'help wanted', 'ada');
      await world.github.label(name, number, 'API', 'ada');
    });
    expect((await firstOutcome({ name, number })).kind).toBe('pull-request');
    expect(await resultsOf(name)).toHaveLength(1);
  });

  test('someone without write access is refused once, even if another person added the label before', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject });
    github.setRole(name, 'mallory', 'triage');
    await unheard(async () => {
      await github.label(name, number, 'backend', 'ada');
      await github.unlabel(name, number, 'backend', 'ada');
      await github.label(name, number, 'backend', 'mallory');
      await github.comment(name, number, '/implement', 'mallory');
    });
    await waitFor('both to be refused', world, async () => (await resultsOf(name)).length === 2);
    await lookedAgain();
    const results = await resultsOf(name);
    expect(results).toHaveLength(2);
    for (const result of results) expect(result).toMatch(/^refused: @mallory does not have write access/);
    // Whoever was told is not told again, unless both are answered at the same time.
    expect([1, 2]).toContain(github.botComments(name, number).length);
    expect(await runsOf(name)).toEqual([]);
  });

  test('an issue that was edited since is not handled, and people are told to ask again', async () => {
    const { github } = world;
    for (const change of [{ body: 'Send the secrets.' }, { title: 'Send the secrets' }]) {
      const { name, number } = await world.prepareIssue({ files: minimalProject });
      github.setRole(name, 'mallory', 'read');
      await unheard(async () => {
        await github.label(name, number, 'backend', 'ada');
        // GitHub's times have no fractions of a second.
        const { state } = github;
        for (const event of state.issue(state.repository(name), number).events)
          event.createdAt = new Date(Date.now() - 5000).toISOString().replace(/\.\d+/, '');
        await github.editIssue(name, number, change, 'mallory');
      });
      expect(await firstResult(name)).toMatch(/^refused: .*the issue has been edited since/);
      expect(await runsOf(name)).toEqual([]);
    }
  });

  test('edited and answered comments, other text, closed issues and removed labels request nothing', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject });
    await unheard(async () => {
      await github.label(name, number, 'backend', 'ada');
      await github.unlabel(name, number, 'backend', 'ada');
      const { state } = github;
      const issue = state.issue(state.repository(name), number);
      await github.comment(name, number, 'Could someone say /implement?', 'ada');
      await github.comment(name, number, '/implement this', 'pullwright[bot]');
      const edited = await github.comment(name, number, '/implement that', 'ada');
      const answered = await github.comment(name, number, '/implement', 'ada');
      for (const comment of issue.comments) {
        if (comment.id === edited.id) comment.updatedAt = new Date(Date.now() + 5000).toISOString();
        if (comment.id === answered.id)
          comment.reactions.push({
            id: state.nextId(),
            content: 'eyes',
            user: state.account('pullwright[bot]'),
            createdAt: comment.createdAt,
          });
      }
      const closed = await github.openIssue(name, { title: 'Closed', body: 'x', author: 'ada' });
      await github.label(name, closed, 'backend', 'ada');
      await github.closeIssue(name, closed, 'ada');
    });
    await lookedAgain();
    expect(await resultsOf(name)).toEqual([]);
    expect(github.botComments(name, number)).toHaveLength(1);
  });

  test('a label from before the App was installed requests nothing', async () => {
    const { github } = world;
    const [installation] = github.state.installations;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const createdAt = installation?.createdAt;
    Object.assign(installation ?? {}, { createdAt: new Date(Date.now() + 60_000).toISOString() });
    await unheard(() => github.label(name, number, 'backend', 'ada'));
    await lookedAgain();
    expect(await resultsOf(name)).toEqual([]);
    Object.assign(installation ?? {}, { createdAt });
    expect((await firstOutcome({ name, number })).kind).toBe('pull-request');
  });

  test('a repository that the App cannot read does not block others', async () => {
    const { github } = world;
    const closed = await world.prepareIssue({ files: minimalProject });
    const open = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    github.failNext({
      method: 'GET',
      path: new RegExp(`^/repos/${closed.name}/issues`),
      status: 410,
      times: 1000,
    });
    await unheard(() => github.label(open.name, open.number, 'backend', 'ada'));
    expect((await firstOutcome(open)).kind).toBe('pull-request');
  });
});

describe('failed deliveries', () => {
  test('one that could not be stored is redelivered and handled automatically', async () => {
    const { github, database } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    await database.takeAway();
    const [labeled, other] = await Promise.all([
      github.label(name, number, 'backend', 'ada'),
      github.comment(name, number, 'A word that asks for nothing.', 'ada'),
    ]);
    expect(labeled?.statusCode).toBeGreaterThanOrEqual(500);
    await database.bringBack();
    const attempts = () => github.deliveries.all.filter(({ guid }) => guid === labeled?.guid);
    await waitFor('the delivery to come again', world, async () => attempts().at(-1)?.statusCode === 200);
    expect((await firstOutcome({ name, number })).kind).toBe('pull-request');
    await lookedAgain();
    expect(await runsOf(name)).toHaveLength(1);
    expect(attempts()).toHaveLength(2);
    expect(github.botComments(name, number)).toHaveLength(2);
    // Whether it answers a question only the database knows.
    expect(other.delivery?.statusCode).toBeGreaterThanOrEqual(500);
  });

  test('one that keeps failing is redelivered less and less often', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject });
    const { webhook } = github.deliveries;
    github.setWebhook('http://127.0.0.1:9/', webhook?.secret ?? '');
    const missed = await github.comment(name, number, 'Good morning.', 'ada');
    const attempts = () => github.deliveries.all.filter(({ guid }) => guid === missed.delivery?.guid);
    await waitFor('three attempts', world, async () => attempts().length === 3);
    github.deliveries.webhook = webhook;
    await waitFor('both askings to be noted', world, async () => {
      const sql = 'select asked from pullwright.failed_deliveries where guid = $1';
      const rows = await world.database.query<{ asked: number }>(sql, [missed.delivery?.guid]);
      return rows[0]?.asked === 2;
    });
    await waitFor('the last attempt', world, async () => attempts().at(-1)?.statusCode === 200);
    expect(attempts()).toHaveLength(4);
    await lookedAgain();
    expect(attempts()).toHaveLength(4);
  });
});

describe('deliveries out of order', () => {
  test('a label that was removed before its delivery arrived requests nothing', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject });
    const { state } = github;
    const issue = state.issue(state.repository(name), number);
    const { webhook } = github.deliveries;
    github.setWebhook('http://127.0.0.1:9/', webhook?.secret ?? '');
    const missed = await github.label(name, number, 'backend', 'ada');
    await github.unlabel(name, number, 'backend', 'ada');
    // An hour ago, by GitHub's clock.
    const payload = missed?.request.payload as { issue: { updated_at: string } };
    payload.issue.updated_at = new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+/, '');
    github.deliveries.webhook = webhook;
    // The taking off is heard of too, before or after it.
    const result = await waitFor('the label to be answered', world, async () => {
      const sql = `select result from pullwright.deliveries where id = $1`;
      return (await world.database.query<{ result: string }>(sql, [missed?.guid]))[0]?.result;
    });
    expect(result).toBe('ignored');
    expect(issue.labels).toEqual([]);
    expect(github.botComments(name, number)).toEqual([]);
    expect(await runsOf(name)).toEqual([]);
  });
});
