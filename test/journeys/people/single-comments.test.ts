import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ScriptedTurn } from '../../../scripted-model/scripted-model.js';
import { minimalProject, runAndSubmit, submitGreeting } from '../../support/sample-projects.js';
import { waitFor } from '../../support/wait-for.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

/* Comments that people add one by one: each is a review of its own without a text. */

let world: World;

beforeAll(async () => {
  world = await startWorld({ REVIEW_WAIT_SECONDS: '12' });
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
/** Resolves when the run waits for other comments. */
const waits = (id: string) =>
  waitFor('the run to wait for other comments', world, async () => {
    const sql =
      "select event ->> 'reason' as reason from pullwright.run_events where run_id = $1 and key like 'waiting-%'";
    const [row] = await world.database.query<{ reason: string }>(sql, [id]);
    return row?.reason.startsWith('Other comments of the same review may follow');
  });
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
  await waits(run.id);
  const others = [await add(pull, 2), await add(pull, 3)];
  expect((await run.settled()).outcome.kind).toBe('pull-request');
  for (const other of others) {
    const { outcome } = await other.settled();
    expect(outcome).toEqual({
      kind: 'stopped',
      reason: `Run ${run.id} answers this review, too.`,
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

test('that of another person is a run of its own, and one that people stopped stays stopped', async () => {
  const pull = await open([answers(1), answers(1)]);
  const ada = await add(pull, 1);
  const run = await ada.run();
  await waits(run.id);
  const bob = await add(pull, 2, 'bob');
  expect((await run.settled()).outcome.kind).toBe('pull-request');
  expect((await bob.settled()).outcome.kind).toBe('pull-request');
  expect(await runsOf(pull.name)).toHaveLength(2);
  expect(threadsOf(pull).map((bodies) => bodies.length)).toEqual([2, 2]);
});

test('a worker that dies after it joined reviews loses none of them', async () => {
  const pull = await open([answers(2)]);
  const first = await add(pull, 1);
  const run = await first.run();
  await waits(run.id);
  const second = await add(pull, 2);
  const waiting = await second.run();
  const asked = world.model.hold(2, pull.title);
  await asked.reached;
  await world.app.kill();
  asked.release();
  await world.startAgain();
  expect((await run.settled()).outcome.kind).toBe('pull-request');
  expect((await waiting.settled()).outcome).toMatchObject({ kind: 'stopped', superseded: true });
  expect(threadsOf(pull).map((bodies) => bodies.length)).toEqual([2, 2]);
});
