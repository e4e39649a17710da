import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptedTurn } from '../../../scripted-model/scripted-model.js';
import { minimalProject, solveMinimalProject, submitGreeting } from '../../support/sample-projects.js';
import type { App } from '../../support/start-app.js';
import { copyBuild, setApplicationVersion } from '../../support/start-app.js';
import { waitFor } from '../../support/wait-for.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;
let later: Awaited<ReturnType<typeof copyBuild>>;
let other: Awaited<ReturnType<typeof copyBuild>>;

beforeAll(async () => {
  world = await startWorld({ WORKER_DEAD_AFTER_SECONDS: '3', PULLWRIGHT_CONCURRENCY: '1' });
  later = await copyBuild('99.0.0', [
    { file: 'agent/prompt.js', from: 'You resolve one GitHub issue', to: 'Please resolve one GitHub issue' },
    { file: 'agent/tools/bash.js', from: 'Run a bash script', to: 'Execute a bash script' },
  ]);
  other = await copyBuild('99.0.0', [setApplicationVersion('workflows-99')]);
});
afterAll(async () => {
  await later.remove();
  await other.remove();
  await world.stop();
});

const turns: ScriptedTurn[] = [
  { calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] },
  { calls: [['bash', { command: 'cat greeting.txt' }]] },
  { expect: ['hello Ada'], calls: [submitGreeting] },
];
const requestsFor = (title: string) =>
  world.model.requests.filter(({ body }) => JSON.stringify(body.messages[0]).includes(title));
/** Returns the different system prompts and tools that the requests of a conversation contained. */
const preamblesOf = (title: string) => [
  ...new Set(requestsFor(title).map(({ body: { system, tools } }) => JSON.stringify({ system, tools }))),
];
const askedTurns = (title: string) =>
  requestsFor(title).map(({ body }) => body.messages.filter(({ role }) => role === 'assistant').length + 1);
const runsOf = (name: string) =>
  world.database.query<{ id: string; kind: string | null; reason: string | null }>(
    `select id, outcome->>'kind' as kind, outcome->>'reason' as reason from pullwright.runs
     where repository = $1 order by created_at`,
    [name],
  );
const workersOf = async (name: string) => {
  const sql = `select event->>'worker' as worker from pullwright.run_events e join pullwright.runs r on r.id = e.run_id
    where r.repository = $1 and event->>'type' = 'started'`;
  return (await world.database.query<{ worker: string }>(sql, [name])).map(({ worker }) => worker);
};
const expectOneOfEach = (name: string, number: number) => {
  expect(world.github.pullRequests(name)).toHaveLength(1);
  expect(world.github.checkRuns(name)).toHaveLength(1);
  expect(world.progress(name, number)).toContain('**Done:**');
};

/** A run that is in its second turn, and one that stands in line behind it. */
async function startTwo() {
  const going = await world.prepareIssue({ files: minimalProject, turns });
  const waiting = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
  const { run, release } = await world.labelAndHold(going, 2);
  const inLine = await (await world.label(waiting)).run();
  return { going: { ...going, run }, waiting: { ...waiting, run: inLine }, release };
}

describe('an upgrade during a run', () => {
  test('to a version with the same workflows continues at the same step: nothing is paid for or done twice', async () => {
    const { going, waiting, release } = await startTwo();
    const stopped = world.app.stop();
    release();
    expect(await stopped).toBe(0);
    await world.startAgain({}, later.program);
    for (const { name, number, run } of [going, waiting]) {
      expect((await run.settled()).outcome.kind).toBe('pull-request');
      expect(await runsOf(name)).toHaveLength(1);
      expectOneOfEach(name, number);
    }
    expect(askedTurns(going.title)).toEqual([1, 2, 3]);
    // The new version has another system prompt and another tool description. Only new runs get them.
    expect(preamblesOf(going.title)).toEqual([expect.stringContaining('You resolve one GitHub issue')]);
    expect(preamblesOf(going.title)[0]).toContain('Run a bash script');
    expect(preamblesOf(waiting.title)).toEqual([expect.stringContaining('Please resolve one GitHub issue')]);
    expect(preamblesOf(waiting.title)[0]).toContain('Execute a bash script');
    await world.app.stop();
    await world.startAgain();
  });

  test('to a version with other workflows restarts the run, says so, and keeps queued runs', async () => {
    const { going, waiting, release } = await startTwo();
    const stopped = world.app.stop();
    release();
    expect(await stopped).toBe(0);
    await world.startAgain({}, other.program);
    const again = await going.run.next();
    expect((await again.settled()).outcome.kind).toBe('pull-request');
    expect((await waiting.run.settled()).outcome.kind).toBe('pull-request');
    for (const { name, number } of [going, waiting]) expectOneOfEach(name, number);
    expect(await runsOf(going.name)).toEqual([
      expect.objectContaining({
        kind: 'stopped',
        reason: expect.stringContaining('Pullwright was upgraded'),
      }),
      expect.objectContaining({ kind: 'pull-request' }),
    ]);
    expect((await runsOf(waiting.name)).map(({ id }) => id)).toEqual([waiting.run.id]);
    expect(askedTurns(going.title)).toEqual([1, 2, 1, 2, 3]);
    await world.app.stop();
    await world.startAgain();
  });
});

test('an upgrade to other workflows during a review restarts it, and each thread gets one answer', async () => {
  const answers = [{ thread: 1, done: true, text: 'It does now.' }];
  const { name, number, title, pulls } = await runIssue(world, {
    files: minimalProject,
    turns: [
      ...solveMinimalProject,
      { expect: ['Louder, please.'], calls: [['bash', { command: "echo 'HELLO' > greeting.txt" }]] },
      { calls: [['bash', { command: 'cat greeting.txt' }]] },
      {
        expect: [
          'No result: the run ended before this call was complete.',
          'none of its changes are here',
          'Louder, please.',
        ],
        calls: [
          // Of what is on the branch, and not of what was changed and lost.
          ['bash', { command: 'sed --in-place s/hello/HELLO/ greeting.txt' }],
          ['submit', { title: 'Greet Ada loudly', summary: 'The greeting is loud.', answers }],
        ],
      },
    ],
  });
  const pull = pulls[0]?.number ?? 0;
  const held = world.model.hold(3, title);
  const comments = [{ path: 'greeting.txt', line: 1, body: 'Louder, please.' }];
  const onPull = { name, number: pull };
  const review = await world.review(onPull, { state: 'changes_requested', body: '', comments });
  await held.reached;
  const reviewed = await review.run();
  const stopped = world.app.stop();
  held.release();
  expect(await stopped).toBe(0);
  await world.startAgain({}, other.program);
  await (await reviewed.next()).settled();
  expect(await runsOf(name)).toEqual([
    expect.objectContaining({ kind: 'pull-request' }),
    expect.objectContaining({
      kind: 'stopped',
      reason: expect.stringContaining('Pullwright was upgraded'),
    }),
    expect.objectContaining({ kind: 'pull-request' }),
  ]);
  const { github } = world;
  const [thread, ...others] = github.state.pullRequest(github.state.repository(name), pull).pull.threads;
  expect(others).toEqual([]);
  expect(thread?.comments.map(({ body }) => body)).toEqual([
    'Louder, please.',
    expect.stringContaining('It does now.'),
  ]);
  expect(await github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt')).toBe('HELLO Ada\n');
  expect(github.pullRequests(name)).toHaveLength(1);
  expect(world.progress(name, pull)).toContain('**Done in');
  await world.app.stop();
  await world.startAgain();
});

describe('an old and a new version side by side', () => {
  let second: App;
  const startBoth = async (program: string) => {
    second = await world.startSecond({}, 'worker', program);
  };

  test('share the work if their workflows are the same', async () => {
    await startBoth(later.program);
    const issues = await Promise.all(
      [1, 2].map(() => world.prepareIssue({ files: minimalProject, turns: solveMinimalProject })),
    );
    // Both are held at once, so that each worker gets one.
    const runs = await Promise.all(issues.map((issue) => world.labelAndHold(issue)));
    for (const { release } of runs) release();
    for (const { run } of runs) expect((await run.settled()).outcome.kind).toBe('pull-request');
    for (const { name, number } of issues) expectOneOfEach(name, number);
    const workers = await Promise.all(issues.map(({ name }) => workersOf(name)));
    expect(new Set(workers.flat()).size).toBe(2);
    expect(await second.stop()).toBe(0);
  });

  test('keep their own runs if their workflows differ, until the old worker stops', async () => {
    const { going, waiting, release } = await startTwo();
    await startBoth(other.program);
    await waitFor('the new one to have looked for dead workers', world, async () => {
      const sql =
        "select from pullwright.workers where version = 'workflows-99' and beat_at > started_at + interval '6 s'";
      return (await world.database.query(sql)).length === 1;
    });
    release();
    expect((await going.run.settled()).outcome.kind).toBe('pull-request');
    expect(askedTurns(going.title)).toEqual([1, 2, 3]);
    expect((await waiting.run.settled()).outcome.kind).toBe('pull-request');
    const again = await startTwo();
    await world.app.kill();
    again.release();
    const restarted = await again.going.run.next();
    for (const run of [restarted, again.waiting.run])
      expect((await run.settled()).outcome.kind).toBe('pull-request');
    for (const { name, number } of [again.going, again.waiting]) expectOneOfEach(name, number);
    expect(await second.stop()).toBe(0);
    await world.startAgain();
  });
});
