import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { minimalProject, runAndSubmit, solveMinimalProject } from '../../support/sample-projects.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

/* What people do to the branch with GitHub's button "Update branch" is no work of theirs. */

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

/** Opens a pull request, moves its base and updates its branch. */
async function openUpdated(others: Record<string, string> = {}) {
  const { github } = world;
  const done = await runIssue(world, {
    files: { ...minimalProject, 'other.txt': 'x\n' },
    turns: [...solveMinimalProject, ...runAndSubmit('cp other.txt copy.txt')],
  });
  const pull = done.pulls[0]?.number ?? 0;
  const commit = { message: 'Something else', author: 'ada' };
  await github.commitFiles(done.name, { ...commit, branch: 'main', files: { 'other.txt': 'y\n' } });
  await github.updateBranch(done.name, pull, 'ada');
  const branch = `pullwright/issue-${done.number}`;
  if (Object.keys(others).length > 0)
    await github.commitFiles(done.name, { ...commit, branch, files: others });
  return { ...done, pull, branch };
}

test('a request on the issue after the button starts over, and is not refused', async () => {
  const { github } = world;
  const { name, number, pull, branch, title } = await openUpdated();
  world.model.script({ when: title, turns: runAndSubmit("cp other.txt copy.txt; echo 'hi' > greeting.txt") });
  const again = await world.comment({ name, number }, '/implement and copy the other file');
  expect((await again.settled()).outcome).toMatchObject({ kind: 'pull-request', number: pull });
  expect(await github.readFile(name, branch, 'copy.txt')).toBe('y\n');
  expect(await github.readFile(name, branch, 'greeting.txt')).toBe('hi\n');
});

test('a request on the pull request works on the merged branch, and mentions no people', async () => {
  const { github } = world;
  const { name, pull, branch } = await openUpdated();
  const more = await world.comment({ name, number: pull }, '/implement and copy the other file');
  expect((await more.settled()).outcome.kind).toBe('pull-request');
  expect(await github.readFile(name, branch, 'copy.txt')).toBe('y\n');
  expect(await github.readFile(name, branch, 'greeting.txt')).toBe('hello Ada\n');
  expect(JSON.stringify(world.model.requests.at(-1)?.body.messages)).not.toContain('People have pushed');
});

test('a commit of a person after the button is theirs, so the issue is refused', async () => {
  const { name, number } = await openUpdated({ 'by-hand.txt': 'x\n' });
  const again = await world.comment({ name, number }, '/implement and copy the other file');
  expect((await again.settled()).outcome).toMatchObject({
    kind: 'refusal',
    reason: { kind: 'already-fixed' },
  });
});
