import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minimalProject, solveMinimalProject } from '../support/sample-projects.js';
import { waitFor } from '../support/wait-for.js';
import { startWorld, type World } from '../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({ MODEL_IDLE_TIMEOUT_SECONDS: '1' });
});

afterAll(() => world.stop());

/** An issue whose run is held before its first reply, for the world to change meanwhile. */
async function startHeld() {
  const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
  const held = world.model.hold(1);
  await world.github.label(issue.name, issue.number, 'backend', 'ada');
  await held.reached;
  return { ...issue, release: held.release };
}

const waits = async (name: string) =>
  world.database.query<{ reason: string }>(
    `select event->>'reason' as reason from pullwright.run_events join pullwright.runs on runs.id = run_id
     where repository = $1 and event->>'type' = 'waiting'`,
    [name],
  );

describe('what changes outside in mid-run', () => {
  test('a repository that is renamed is followed: pushed to, and its pull request opened, under the new name', async () => {
    const { name, release } = await startHeld();
    world.github.renameRepository(name, `${name.split('/')[1]}-renamed`);
    release();
    const now = `${name}-renamed`;
    await waitFor('the pull request', world, async () => world.github.pullRequests(now).length === 1);
    const [run] = await waitFor('the outcome', world, () =>
      world.database
        .query<{ kind: string }>(
          "select outcome->>'kind' as kind from pullwright.runs where repository = $1 and status = 'settled'",
          [name],
        )
        .then((rows) => rows.length > 0 && rows),
    );
    expect(run?.kind).toBe('pull-request');
    expect(await world.github.readFile(now, 'heads/pullwright/issue-1', 'greeting.txt')).toBe('hello Ada\n');
  });

  test('a suspended installation ends the run with what is the matter, in its record', async () => {
    const { name, release } = await startHeld();
    const installation = world.github.state.installationFor(world.github.state.repository(name));
    installation.suspendedAt = new Date().toISOString();
    release();
    const [run] = await waitFor('the outcome', world, () =>
      world.database
        .query<{ reason: string }>(
          "select outcome->>'reason' as reason from pullwright.runs where repository = $1 and status = 'settled'",
          [name],
        )
        .then((rows) => rows.length > 0 && rows),
    );
    installation.suspendedAt = null;
    expect(run?.reason).toMatch(
      /suspended.*\(403\); check the App's permissions, and that it is not suspended/,
    );
    expect(world.github.pullRequests(name)).toEqual([]);
  });

  test('a reply that goes silent is given up and asked for again, and the connection is not held', async () => {
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: solveMinimalProject,
    });
    world.model.failNext({ when: title, silent: true });
    await world.github.label(name, number, 'backend', 'ada');
    expect((await world.settled(name, number)).outcome.kind).toBe('pull-request');
    expect(await waits(name)).toEqual([{ reason: 'the model sent nothing for 1 s' }]);
  });

  test('a limit without a time to wait is waited out for a minute, durably: a killed process does not begin anew', async () => {
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    world.github.failNext({
      method: 'POST',
      path: `/repos/${name}/pulls`,
      status: 403,
      body: {
        message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      },
    });
    await world.github.label(name, number, 'backend', 'ada');
    const [wait] = await waitFor('the wait', world, async () => {
      const rows = await world.database.query<{ until: string; at: Date }>(
        `select event->>'untilMs' as until, at from pullwright.run_events join pullwright.runs on runs.id = run_id
         where repository = $1 and event->>'type' = 'waiting'`,
        [name],
      );
      return rows.length > 0 && rows;
    });
    const seconds = (Number(wait?.until) - (wait?.at.getTime() ?? 0)) / 1000;
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThan(62);
    await world.app.kill();
    await world.startAgain();
    expect((await world.settled(name, number)).outcome.kind).toBe('pull-request');
    expect(await waits(name)).toHaveLength(1);
    expect(Date.now()).toBeGreaterThanOrEqual(Number(wait?.until));
    expect(world.github.pullRequests(name)).toHaveLength(1);
  });
});
