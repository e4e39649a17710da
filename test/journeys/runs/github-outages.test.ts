import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minimalProject, solveMinimalProject } from '../../support/sample-projects.js';
import type { RunHandle } from '../../support/world/run-handle.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({ MODEL_IDLE_TIMEOUT_SECONDS: '1' });
});

afterAll(() => world.stop());

/** An issue whose run is held before its first reply, for the world to change meanwhile. */
async function startHeld() {
  const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
  return { ...issue, ...(await world.labelAndHold(issue)) };
}

const waitsOf = (run: RunHandle) =>
  world.database.query<{ reason: string; until: string; at: Date }>(
    `select event ->> 'reason' as reason, event ->> 'untilMs' as until, at from pullwright.run_events
     where run_id = $1 and event ->> 'type' = 'waiting'`,
    [run.id],
  );

describe('changes on GitHub during a run', () => {
  test('a renamed repository gets its push and its pull request under the new name', async () => {
    const { name, run, release } = await startHeld();
    world.github.renameRepository(name, `${name.split('/')[1]}-renamed`);
    release();
    const now = `${name}-renamed`;
    expect((await run.settled()).outcome.kind).toBe('pull-request');
    expect(world.github.pullRequests(now)).toHaveLength(1);
    expect(await world.github.readFile(now, 'heads/pullwright/issue-1', 'greeting.txt')).toBe('hello Ada\n');
  });

  test('a suspended installation ends the run with the cause in its record', async () => {
    const { name, run, release } = await startHeld();
    const installation = world.github.state.installationFor(world.github.state.repository(name));
    installation.suspendedAt = new Date().toISOString();
    release();
    const { outcome } = await run.settled();
    installation.suspendedAt = null;
    expect(outcome.reason).toMatch(
      /suspended.*\(403\)\. Check the App's permissions, and that it is not suspended/,
    );
    expect(world.github.pullRequests(name)).toEqual([]);
  });

  test('an idle model stream is dropped and requested again', async () => {
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    world.model.failNext({ when: issue.title, silent: true });
    const run = await (await world.label(issue)).run();
    expect((await run.settled()).outcome.kind).toBe('pull-request');
    expect(await waitsOf(run)).toMatchObject([{ reason: 'the model sent nothing for 1 s' }]);
  });

  test('a rate limit without a retry time is waited out for a minute, and a kill does not restart the wait', async () => {
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const { name } = issue;
    world.github.failNext({
      method: 'POST',
      path: `/repos/${name}/pulls`,
      status: 403,
      body: {
        message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      },
    });
    const run = await (await world.label(issue)).run();
    await run.event('waiting');
    const [wait] = await waitsOf(run);
    const seconds = (Number(wait?.until) - (wait?.at.getTime() ?? 0)) / 1000;
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThan(62);
    await world.app.kill();
    await world.startAgain();
    expect((await run.settled()).outcome.kind).toBe('pull-request');
    expect(await waitsOf(run)).toHaveLength(1);
    expect(Date.now()).toBeGreaterThanOrEqual(Number(wait?.until));
    expect(world.github.pullRequests(name)).toHaveLength(1);
  });
});
