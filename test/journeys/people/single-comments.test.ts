import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ScriptedTurn } from '../../../scripted-model/scripted-model.js';
import { minimalProject, runAndSubmit, submitGreeting } from '../../support/sample-projects.js';
import { waitFor } from '../../support/wait-for.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

/* Comments that people add one by one: each is a review of its own without a text. */

let world: World;

beforeAll(async () => {
  // A test says when the wait is over, with `endWait`.
  world = await startWorld({ REVIEW_WAIT_SECONDS: '3600' });
});

afterAll(() => world.stop());

const answers = (count: number): ScriptedTurn => ({
  calls: [
    ['bash', { command: 'echo 4 >> greeting.txt' }],
    [
      submitGreeting[0],
      {
        ...submitGreeting[1],
        answers: Array.from({ length: count }, (_, at) => ({
          thread: at + 1,
          done: true,
          text: `No. ${at + 1}.`,
        })),
      },
    ],
  ],
});

async function open(turns: ScriptedTurn[]) {
  const done = await runIssue(world, {
    files: minimalProject,
    turns: [...runAndSubmit("printf '1\\n2\\n3\\n' > greeting.txt"), ...turns],
  });
  const number = done.pulls[0]?.number ?? 0;
  world.github.setRole(done.name, 'bob', 'write');
  return { name: done.name, number, title: done.title };
}

const add = (pull: { name: string; number: number }, line: number, login = 'ada') =>
  world.review(
    pull,
    { state: 'commented', comments: [{ path: 'greeting.txt', line, body: `Change ${line}.` }] },
    login,
  );
/** Resolves when a run was announced and waits for other comments. */
const isHeld = ({ id }: { id: string }) =>
  waitFor('the run to wait for other comments', world, async () => {
    const sql =
      'select from pullwright.runs where id = $1 and held_reason is not null and announced_at is not null';
    return (await world.database.query(sql, [id])).length > 0;
  });
/** Makes a run so old that it waits for no other comment. The runs before it stay before it. */
const endWait = ({ id }: { id: string }) =>
  world.database.query(
    `update pullwright.runs old set created_at = old.created_at - interval '2 hours' from pullwright.runs r
     where r.id = $1 and old.repository = r.repository and old.created_at <= r.created_at`,
    [id],
  );
const threadsOf = (pull: { name: string; number: number }) =>
  world.github.state
    .pullRequest(world.github.state.repository(pull.name), pull.number)
    .pull.threads.map(({ comments }) => comments.map(({ body }) => body.split('\n')[0]));
const runsOf = (name: string) =>
  world.database.query<{ outcome: { kind: string; reason?: string } }>(
    "select outcome from pullwright.runs where repository = $1 and workflow = 'answer-review' order by created_at",
    [name],
  );

test('several of one person become one run, and each thread is answered once', async () => {
  const pull = await open([answers(3)]);
  const first = await add(pull, 1);
  const run = await first.run();
  await run.says('Other comments of the same review may follow');
  const others = [await add(pull, 2), await add(pull, 3)];
  for (const other of others) await isHeld(await other.run());
  await endWait(run);
  expect((await run.settled()).outcome.kind).toBe('pull-request');
  for (const other of others) {
    const { outcome } = await other.settled();
    expect(outcome).toEqual({
      kind: 'stopped',
      reason: 'Another run answers this review, too.',
      superseded: true,
    });
  }
  expect(threadsOf(pull)).toEqual([
    ['Change 1.', expect.stringMatching(/^Done in \w+: No\. 1\.$/)],
    ['Change 2.', expect.stringMatching(/^Done in \w+: No\. 2\.$/)],
    ['Change 3.', expect.stringMatching(/^Done in \w+: No\. 3\.$/)],
  ]);
  expect(world.progress(pull.name, pull.number)).toMatch(/^\*\*Done in \w+\.\*\*/);
  // One answer is one notification.
  const told = world.github
    .notifications('ada')
    .filter(
      ({ issue, reason, repository }) =>
        reason === 'mention' && issue === pull.number && repository.name === pull.name.split('/')[1],
    );
  expect(told).toHaveLength(1);
});

test('that of another person is a run of its own', async () => {
  const pull = await open([answers(1), answers(1)]);
  const ada = await add(pull, 1);
  const run = await ada.run();
  await run.says('Other comments of the same review may follow');
  const bob = await add(pull, 2, 'bob');
  const other = await bob.run();
  await isHeld(other);
  await endWait(run);
  expect((await run.settled()).outcome.kind).toBe('pull-request');
  await endWait(other);
  expect((await bob.settled()).outcome.kind).toBe('pull-request');
  expect(await runsOf(pull.name)).toHaveLength(2);
  expect(threadsOf(pull).map((bodies) => bodies.length)).toEqual([2, 2]);
});

test('a worker that dies after it joined reviews loses none of them', async () => {
  const pull = await open([answers(2)]);
  const first = await add(pull, 1);
  const run = await first.run();
  await run.says('Other comments of the same review may follow');
  const second = await add(pull, 2);
  const waiting = await second.run();
  await isHeld(waiting);
  const asked = world.model.hold(2, pull.title);
  await endWait(run);
  await asked.reached;
  await world.app.kill();
  asked.release();
  await world.startAgain();
  expect((await run.settled()).outcome.kind).toBe('pull-request');
  expect((await waiting.settled()).outcome).toMatchObject({ kind: 'stopped', superseded: true });
  expect(threadsOf(pull).map((bodies) => bodies.length)).toEqual([2, 2]);
});

test('a comment that was deleted in the meantime takes no other with it, and /retry repeats all', async () => {
  const { github } = world;
  const pull = await open([answers(1), answers(1)]);
  const first = await add(pull, 1);
  const run = await first.run();
  await run.says('Other comments of the same review may follow');
  await isHeld(await (await add(pull, 2)).run());
  // GitHub deletes a review with its last comment.
  const { pull: state } = github.state.pullRequest(github.state.repository(pull.name), pull.number);
  const [gone] = state.threads.splice(0, 1);
  state.reviews = state.reviews.filter(({ id }) => id !== gone?.reviewId);
  const held = world.model.hold(2, pull.title);
  await endWait(run);
  await held.reached;
  await world.comment(pull, '/stop');
  held.release();
  expect((await run.settled()).outcome.kind).toBe('stopped');
  expect(threadsOf(pull)).toEqual([['Change 2.', expect.stringMatching(/^Not done:/)]]);
  // GitHub counts in seconds. A request in the second of a /stop counts as stopped.
  const second = Math.floor(Date.now() / 1000);
  await waitFor('a later second', world, async () => Math.floor(Date.now() / 1000) > second);
  const again = await world.comment(pull, '/retry');
  expect((await again.settled()).outcome).toMatchObject({ kind: 'pull-request' });
  expect(threadsOf(pull)[0]?.at(-1)).toMatch(/^Done in \w+: No\. 1\.$/);
});
