import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ScriptedTurn } from '../../../scripted-model/scripted-model.js';
import {
  minimalProject,
  minimalProjectWith,
  solveMinimalProject,
  submitGreeting,
} from '../../support/sample-projects.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

/* Whom GitHub notifies of what a run does. It notifies nobody of the edits of the progress comment. */

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

/** What GitHub has notified a person of, in a repository: the number, the reason and the text. */
const toldTo = (login: string, name: string) =>
  world.github
    .notifications(login)
    .filter(({ repository }) => `${repository.owner.login}/${repository.name}` === name)
    .map(({ issue, reason, text }) => [issue, reason, text?.replace(/\n\n<!-- .*/s, '') ?? null]);
const details = (name: string, number: number) =>
  expect.stringMatching(
    new RegExp(`\\[Details\\]\\(http://[^)]*/${name}/\\w+/${number}#issuecomment-\\d+\\)$`),
  );
const issueOf = (name: string, number: number) =>
  world.github.state.issue(world.github.state.repository(name), number);
const ask: ScriptedTurn = { calls: [['ask_question', { questions: ['Whose name is meant?'] }]] };

test('the requester is told once that the pull request is ready, and asked for a review', async () => {
  const { github } = world;
  github.addUser('wendy');
  const { name, number, pulls } = await runIssue(world, {
    files: minimalProject,
    author: 'wendy',
    turns: solveMinimalProject,
  });
  const [pull] = pulls;
  if (!pull) throw new Error('expected a pull request');
  expect(toldTo('ada', name)).toEqual([
    [number, 'mention', expect.stringMatching(`^@ada, #${pull.number} is ready for review.`)],
    [pull.number, 'review_requested', null],
  ]);
  expect(toldTo('ada', name)[0]?.[2]).toEqual(details(name, number));
  // The author did not ask for it. GitHub tells authors of new comments: that the run began and ended.
  expect(toldTo('wendy', name).map(([, reason]) => reason)).toEqual(['author', 'author']);
  expect(github.botComments(name, number)).toHaveLength(2);
  expect(issueOf(name, number).reactions).toMatchObject([{ content: 'eyes', user: { login: /./ } }]);
  expect(issueOf(name, number).assignees).toEqual([]);
});

test('a question is in the notification, and its answer leads to the pull request', async () => {
  const { name, number, outcome, comment } = await runIssue(world, {
    files: minimalProject,
    turns: [ask, ...solveMinimalProject],
  });
  expect(outcome.kind).toBe('question');
  const question =
    '@ada, I have a question before I can continue:\n\n1. Whose name is meant?\n\nAnswer in a comment. I will then continue automatically.';
  // Ada opened this issue, so GitHub also tells her of the progress comment.
  const begun = [number, 'author', expect.stringContaining('**Queued:**')];
  expect(toldTo('ada', name)).toEqual([begun, [number, 'mention', question]]);
  expect(comment).toMatch(/^\*\*Waiting for an answer\*\* to my question\./);
  const answered = await world.comment({ name, number }, 'That of Ada.');
  expect((await answered.settled()).outcome.kind).toBe('pull-request');
  expect(toldTo('ada', name).slice(2)).toEqual([
    [number, 'mention', expect.stringMatching(/^@ada, #\d+ is ready for review\./)],
    [expect.any(Number), 'review_requested', null],
  ]);
});

test('a draft, a refusal and a failure are told with their reason, and nobody is asked for a review', async () => {
  const draft = await runIssue(world, {
    files: minimalProjectWith('draft: always'),
    turns: solveMinimalProject,
  });
  const refused = await runIssue(world, { files: minimalProjectWith('test: [1, 2'), turns: [] });
  const failed = await runIssue(world, {
    files: minimalProjectWith('protectedPaths: ["greeting.*"]'),
    turns: [...solveMinimalProject, { calls: [submitGreeting] }, { calls: [submitGreeting] }],
  });
  expect(toldTo('ada', draft.name).slice(1)).toEqual([
    [draft.number, 'mention', expect.stringMatching(/^@ada, #2 is a draft\. \S.*\. \[Details\]/)],
  ]);
  expect(toldTo('ada', refused.name).slice(1)).toEqual([
    [refused.number, 'mention', expect.stringMatching(/^@ada, I opened no pull request\. .*pullwright\.yml/)],
  ]);
  expect(toldTo('ada', failed.name).slice(1)).toEqual([
    [failed.number, 'mention', expect.stringMatching(/^@ada, the run failed\. .*greeting\.txt/)],
  ]);
});

test('who reviewed is told of the answer and asked for another review, others are not', async () => {
  const { github } = world;
  const { name, pulls } = await runIssue(world, {
    files: minimalProject,
    turns: [
      ...solveMinimalProject,
      { calls: [['bash', { command: "echo 'good day, Ada' > greeting.txt" }], submitGreeting] },
    ],
  });
  const number = pulls[0]?.number ?? 0;
  github.setRole(name, 'bob', 'write');
  const asked = toldTo('ada', name).length;
  const review = await world.review(
    { name, number },
    { state: 'changes_requested', body: 'Rather say good day.' },
    'bob',
  );
  expect((await review.settled()).outcome.kind).toBe('pull-request');
  expect(toldTo('bob', name)).toEqual([
    // As a reviewer, Bob takes part: GitHub tells him of the progress comment on the pull request.
    [number, 'comment', expect.stringContaining('run `')],
    [number, 'mention', expect.stringMatching(/^@bob, this is done in [0-9a-f]{40}\. \[Details\]/)],
    [number, 'review_requested', null],
  ]);
  expect(
    toldTo('ada', name)
      .slice(asked)
      .filter(([, reason]) => reason === 'mention'),
  ).toEqual([]);
});

test('who stops a run is not told that it stopped', async () => {
  const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
  const { run, release } = await world.labelAndHold(issue);
  await world.comment(issue, '/stop');
  release();
  expect((await run.settled()).outcome.kind).toBe('stopped');
  expect(toldTo('ada', issue.name).filter(([, reason]) => reason === 'mention')).toEqual([]);
});

test('by setting, the issue is assigned to the requester', async () => {
  const { name, number } = await runIssue(world, {
    files: minimalProjectWith('assignRequester: true'),
    turns: solveMinimalProject,
  });
  expect(issueOf(name, number).assignees).toMatchObject([{ login: 'ada' }]);
});
