import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findProcesses } from '../../support/find-processes.js';
import { minimalProject, minimalProjectWith, solveMinimalProject } from '../../support/sample-projects.js';
import { waitFor } from '../../support/wait-for.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({ PULLWRIGHT_CONCURRENCY: '1' });
});

afterAll(() => world.stop());

/** An issue whose run waits for the model's first reply. */
async function startHeld() {
  const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
  return { ...issue, ...(await world.labelAndHold(issue)) };
}

describe('/stop at any stage of a run', () => {
  test('ends the setup command and all of its processes', async () => {
    const mark = 'sleep 62.0123';
    const issue = await world.prepareIssue({ files: minimalProjectWith(`setup: [${mark}]`), turns: [] });
    const asked = await world.label(issue);
    await waitFor('the set-up to run', world, async () => (await findProcesses(mark)).length > 0);
    await world.comment(issue, '/stop');
    const { outcome } = await asked.settled(30_000);
    expect(outcome).toEqual({ kind: 'stopped', reason: '@ada stopped the run.' });
    expect(await findProcesses(mark)).toEqual([]);
  });

  test.each([
    ['/stop', 'stopped'],
    ['/stop keep', 'draft'],
  ])('%s ends the running command and starts no other', async (words, kind) => {
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

  test('works for the requester of the run even after they lost write access', async () => {
    const issue = await startHeld();
    world.github.setRole(issue.name, 'ada', 'read');
    await world.comment(issue, '/stop');
    expect((await issue.run.settled()).outcome.kind).toBe('stopped');
    issue.release();
  });

  test('works even if the comment was deleted', async () => {
    const issue = await startHeld();
    const { createdId } = await world.comment(issue, '/stop');
    world.github.deleteComment(issue.name, issue.number, createdId ?? 0);
    expect((await issue.run.settled()).outcome.kind).toBe('stopped');
    issue.release();
  });

  test('a run ends when its issue is deleted, although nobody can be told there', async () => {
    const issue = await startHeld();
    await world.github.deleteIssue(issue.name, issue.number, 'ada');
    const { outcome } = await issue.run.settled();
    issue.release();
    expect(outcome).toEqual({ kind: 'stopped', reason: 'The issue was deleted.' });
  });
});
