import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { minimalProject, solveMinimalProject } from '../../support/sample-projects.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

/* Requests as people write them. */

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

const files = minimalProject;
const turns = solveMinimalProject;
const issueOf = (name: string, number: number) =>
  world.github.state.issue(world.github.state.repository(name), number);
/** The first text that the model got in the newest conversation. */
const task = () => JSON.stringify(world.model.requests.at(-1)?.body.messages[0]?.content);

test('a form without answers is refused before anything is spent, and works after it is filled in', async () => {
  const form = '### What happened?\n\n_No response_\n\n### What should happen?\n\n_No response_';
  const asked = world.model.requests.length;
  const { name, number, outcome, comment } = await runIssue(world, { files, turns, body: form });
  expect(outcome.kind).toBe('refusal');
  expect(comment).toContain(
    `**No pull request:** The issue's template is not filled in. Nothing is written under "What happened?", "What should happen?".`,
  );
  expect(world.model.requests).toHaveLength(asked);
  await world.github.editIssue(name, number, { body: form.replace('_No response_', 'No name.') }, 'ada');
  const again = await world.comment({ name, number }, '/implement');
  expect((await again.settled()).outcome.kind).toBe('pull-request');
});

test("a template that is in the repository counts as no answer, and the reporter's words do", async () => {
  const template = '## Describe the bug\n\nA clear description of what the bug is.\n';
  const known = { ...files, '.github/ISSUE_TEMPLATE/bug.md': `---\nname: Bug\n---\n${template}` };
  const unfilled = await runIssue(world, { files: known, turns, body: template });
  expect(unfilled.outcome.kind).toBe('refusal');
  const filled = await runIssue(world, { files: known, turns, body: `${template}\nIt greets nobody.` });
  expect(filled.outcome.kind).toBe('pull-request');
});

test('a mention of the bot with words starts a run with these words as instructions', async () => {
  const issue = await world.prepareIssue({ files, turns });
  const asked = await world.comment(issue, '@pullwright please greet Ada by name');
  expect((await asked.settled()).outcome.kind).toBe('pull-request');
  expect(task()).toContain('please greet Ada by name');
  const answered = await world.comment(issue, '@pullwright status');
  expect(await answered.answered()).toBe('replied');
});

test('a command in the text of a new issue starts a run if its author may write', async () => {
  const issue = await world.prepareIssue({
    files,
    turns,
    body: 'greet(name) should say the name.\n\n/implement with a comma',
  });
  const run = await world.nthRun(issue, 1);
  expect((await run.settled()).outcome.kind).toBe('pull-request');
  expect(task()).toContain('with a comma');
  expect(issueOf(issue.name, issue.number).reactions).toMatchObject([{ content: 'eyes' }]);
});

test('a mention of a colleague after the command belongs to the instructions, an unknown name does not', async () => {
  const { github } = world;
  const { name, number } = await world.prepareIssue({ files, turns });
  github.setRole(name, 'bob', 'write');
  const asked = await world.comment({ name, number }, '/implement @bob knows the greeting');
  expect((await asked.settled()).outcome.kind).toBe('pull-request');
  expect(task()).toContain('@bob knows the greeting');

  const unknown = await world.prepareIssue({ files, turns: [] });
  const refused = await world.comment(unknown, '/implement @painter in blue');
  expect((await refused.settled()).outcome).toMatchObject({
    kind: 'refusal',
    reason: { kind: 'unknown-agent', name: 'painter' },
  });
});

test("the author's answer by mention continues the work, and who asked for the work is told", async () => {
  const { github } = world;
  if (!github.state.findAccount('wendy')) github.addUser('wendy');
  const { name, number, outcome } = await runIssue(world, {
    files,
    author: 'wendy',
    turns: [{ calls: [['ask_question', { questions: ['Whose name?'] }]] }, ...turns],
  });
  expect(outcome.kind).toBe('question');
  github.setRole(name, 'wendy', 'read');
  const answered = await world.comment({ name, number }, '@pullwright That of Ada.', 'wendy');
  expect((await answered.settled()).outcome.kind).toBe('pull-request');
  expect(JSON.stringify(world.model.requests.at(-1)?.body.messages)).toContain('That of Ada.');
  // Without a question, the author may not ask for work.
  const more = await world.comment({ name, number }, '@pullwright and in blue', 'wendy');
  expect(await more.answered()).toMatch(/^refused: @wendy does not have write access/);
});
