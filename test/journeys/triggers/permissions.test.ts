import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minimalProject, minimalProjectWith, solveMinimalProject } from '../../support/sample-projects.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

const issueOf = (name: string, number: number) => {
  const { state } = world.github;
  return state.issue(state.repository(name), number);
};
const runsOf = (name: string) =>
  world.database.query('select id from pullwright.runs where repository = $1', [name]);
const triggersOf = (name: string) =>
  world.database.query("select id from pullwright.deliveries where trigger #>> '{issue,url}' like $1", [
    `%/${name}/%`,
  ]);

describe('permissions', () => {
  test('a user without write access is refused once, with the reason, and nothing else happens', async () => {
    const { github } = world;
    for (const role of ['read', 'triage', 'none'] as const) {
      const { name, number } = await world.prepareIssue({ files: minimalProject });
      github.setRole(name, 'mallory', role);
      const asked = await world.label({ name, number }, 'backend', 'mallory');
      expect(asked.delivery.statusCode).toBe(200);
      expect(await asked.answered()).toMatch(/^refused: @mallory does not have write access/);
      // It is known by its id, so nothing is left to be answered.
      await github.redeliver(asked.delivery.id);
      const [comment, ...more] = github.botComments(name, number);
      expect(more).toEqual([]);
      expect(comment?.body).toMatch(
        /^@mallory, I did not start: @\u200Bmallory does not have write access to this repository\./,
      );
      expect(issueOf(name, number).labels).toMatchObject([{ name: 'backend' }]);
      expect(await runsOf(name)).toEqual([]);
    }
  });

  test('a bot that adds a label is refused, because anybody may be able to trigger it', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject });
    github.addUser('labeler[bot]', { type: 'Bot' });
    const asked = await world.label({ name, number }, 'backend', 'labeler[bot]');
    expect(await asked.answered()).toMatch(/^refused: @labeler\[bot\] is not a person/);
    expect(github.botComments(name, number)).toHaveLength(1);
    expect(await runsOf(name)).toEqual([]);
  });

  test('two bots cannot answer each other forever, because a bot is told once', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject });
    github.addUser('echo[bot]', { type: 'Bot' });
    for (let round = 1; round <= 5; round++) {
      const asked = await world.label({ name, number }, 'backend', 'echo[bot]');
      expect(await asked.answered()).toMatch(/^refused: /);
      await github.unlabel(name, number, 'backend', 'echo[bot]');
    }
    expect(github.botComments(name, number)).toHaveLength(1);
    expect(await runsOf(name)).toEqual([]);
  });

  test('repeated refused requests get one comment per hour, then reactions', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject });
    github.setRole(name, 'mallory', 'read');
    for (let round = 1; round <= 3; round++) {
      const asked = await world.comment({ name, number }, '/implement', 'mallory');
      expect(await asked.answered()).toMatch(/^refused: /);
    }
    expect(github.botComments(name, number)).toHaveLength(1);
    const reactions = github.requests.filter(({ path }) => path.includes(`/repos/${name}/issues/comments/`));
    expect(reactions.map(({ body }) => body)).toEqual(Array(2).fill({ content: 'confused' }));
  });

  test('a failing permission check is repeated and never grants access', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject });
    github.setRole(name, 'mallory', 'read');
    const path = new RegExp(`/repos/${name}/collaborators/`);
    github.failNext({ path, status: 500, times: 2 });
    const asked = await world.label({ name, number }, 'backend', 'mallory');
    expect(await asked.answered()).toMatch(/^refused: @mallory does not have write access/);
    expect(github.requests.filter((one) => path.test(one.path)).map(({ status }) => status)).toEqual([
      500, 500, 200,
    ]);
    expect(await runsOf(name)).toEqual([]);
  });

  test('an App that may not check permissions says so and starts nothing', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject });
    github.failNext({ path: new RegExp(`/repos/${name}/collaborators/`), status: 403 });
    const asked = await world.label({ name, number });
    expect(await asked.answered()).toMatch(/^refused: GitHub refused a request to check what @ada may do/);
    expect(github.botComments(name, number)).toMatchObject([
      { body: expect.stringContaining("Check the App's permissions") },
    ]);
    expect(await runsOf(name)).toEqual([]);
  });
});

describe('triggers', () => {
  test('quotes, code, edits, other text and other labels request nothing and get no answer', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject });
    await github.comment(name, number, '> /implement', 'ada');
    await github.comment(name, number, '```\n/implement\n```', 'ada');
    await github.comment(name, number, 'Somebody could say /implement here.', 'ada');
    const { id } = await github.comment(name, number, 'Hm.', 'ada');
    await github.editComment(name, id, '/implement', 'ada');
    await github.deliveries.settle();
    expect(await triggersOf(name)).toEqual([]);
    for (const label of ['question', 'constructor']) {
      const asked = await world.label({ name, number }, label);
      expect(await asked.answered()).toBe('ignored');
    }
    expect(github.botComments(name, number)).toEqual([]);
    expect(await runsOf(name)).toEqual([]);
  });

  test('comments of the App and of other bots request nothing', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject });
    github.addUser('helper[bot]', { type: 'Bot' });
    await github.comment(name, number, '/implement', 'helper[bot]');
    await github.comment(name, number, '/implement', 'pullwright[bot]');
    expect(await triggersOf(name)).toEqual([]);
  });

  test("a repository's custom label selects its agent, regardless of case", async () => {
    const { outcome, pulls } = await runIssue(world, {
      files: minimalProjectWith('labels:\n  API: backend-developer'),
      label: 'api',
      turns: solveMinimalProject,
    });
    expect(outcome.kind).toBe('pull-request');
    expect(pulls).toHaveLength(1);
  });

  test('a custom label in invalid settings is answered with the error', async () => {
    const { outcome, comment } = await runIssue(world, {
      files: minimalProjectWith('labels:\n  api: backend-developer\nbase: main'),
      label: 'api',
    });
    expect(outcome.kind).toBe('refusal');
    expect(comment).toContain('.github/pullwright.yml: base: expected one of');
  });

  test('a label for an unknown agent is answered with the available agents', async () => {
    const { outcome, comment } = await runIssue(world, {
      files: minimalProjectWith('labels:\n  ui: painter'),
      label: 'ui',
    });
    expect(outcome.kind).toBe('refusal');
    expect(comment).toContain('There is no agent "painter". Available: `backend-developer`.');
  });
});

describe('refusals', () => {
  test('a closed issue and a foreign pull request are refused with the reason', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject });
    await world.close({ name, number });
    const asked = await world.label({ name, number });
    expect(await asked.answered()).toBe('refused: The issue is closed. Reopen it first.');
    expect(github.botComments(name, number)).toHaveLength(1);

    await github.commitFiles(name, {
      branch: 'topic',
      files: { 'new.txt': 'new\n' },
      message: 'New',
      author: 'ada',
    });
    const pull = await github.openPullRequest(name, { title: 'New', head: 'topic', author: 'ada' });
    const onPull = await world.comment({ name, number: pull }, '/implement');
    await onPull.answered();
    expect(github.pullRequests(name)).toHaveLength(1);
    expect(await runsOf(name)).toEqual([]);
  });

  test('the result is stored even if nobody can be told, as in a locked issue or an archived repository', async () => {
    const { github } = world;
    const locked = await world.prepareIssue({ files: minimalProject });
    issueOf(locked.name, locked.number).locked = true;
    const onLocked = await world.label(locked);
    expect(await onLocked.answered()).toBe('refused: The issue is locked. Unlock it first.');
    const archived = await world.prepareIssue({ files: minimalProject });
    github.state.repository(archived.name).archived = true;
    const onArchived = await world.label(archived);
    expect(await onArchived.answered()).toBe('refused: The repository is archived.');
    expect(world.app.log.filter((line) => line.includes('could not write a refusal'))).toHaveLength(2);
  });

  test('a command works even if its comment was deleted before it was handled', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    github.failNext({ path: new RegExp(`/repos/${name}/issues/comments/\\d+/reactions`), status: 404 });
    const asked = await world.comment({ name, number }, '/implement');
    expect((await asked.settled()).outcome.kind).toBe('pull-request');
  });

  test('a run that cannot be announced is settled and does not block the next', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    github.failNext({ method: 'POST', path: `/repos/${name}/issues/${number}/comments`, status: 403 });
    const first = await world.label({ name, number });
    expect(await first.answered()).toMatch(/^refused: /);
    const run = await world.nthRun({ name, number }, 1);
    expect((await run.settled()).outcome).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('GitHub refused a request to write on the issue'),
    });
    const second = await world.comment({ name, number }, '/implement');
    expect((await second.settled()).outcome.kind).toBe('pull-request');
  });
});
