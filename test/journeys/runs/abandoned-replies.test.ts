import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { minimalProject, solveMinimalProject } from '../../support/sample-projects.js';
import { waitFor } from '../../support/wait-for.js';
import type { RunHandle } from '../../support/world/run-handle.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({ MODEL_IDLE_TIMEOUT_SECONDS: '3', PULLWRIGHT_CONCURRENCY: '3' });
});

afterAll(() => world.stop());

/** The requests of a run in its account, in order. */
const accountOf = (run: RunHandle) =>
  world.database.query<{ turn: number; ending: string; tokens: number; dollars: number }>(
    `select turn, ending, dollars::float8 as dollars,
       input_tokens + cache_write_tokens + cache_read_tokens + output_tokens as tokens
     from pullwright.spend where run_id = $1 order by turn, attempt`,
    [run.id],
  );

const requestsFor = (title: string) =>
  world.model.requests.filter(({ body }) => JSON.stringify(body.messages[0]).includes(title));

const costInComment = (comment: string) =>
  Number(/tokens, \$([\d.]+) \(with an estimate of /.exec(comment)?.[1]);

test('a reply that sends only pings for twice the limit is bought once', async () => {
  const [thinking] = solveMinimalProject;
  const { run, outcome, title } = await runIssue(world, {
    files: minimalProject,
    turns: [{ ...thinking, think: 6000 }],
  });
  expect(outcome.kind).toBe('pull-request');
  expect(requestsFor(title)).toHaveLength(1);
  expect(await accountOf(run)).toMatchObject([{ turn: 1, ending: 'complete' }]);
});

test('a reply that never comes ends the run after five requests, and their estimates are in its cost', async () => {
  const { run, outcome, comment, title, pulls } = await runIssue(world, {
    files: minimalProject,
    turns: solveMinimalProject,
    before: ({ title }) => world.model.failNext({ when: title, silent: true, times: 5 }),
  });
  expect(outcome).toEqual({
    kind: 'failed',
    reason: 'The model did not answer 5 requests. At last, the model sent nothing for 3 s.',
  });
  expect(requestsFor(title)).toHaveLength(5);
  expect(pulls).toEqual([]);
  const account = await accountOf(run);
  expect(account.map(({ turn, ending }) => [turn, ending])).toEqual(Array(5).fill([1, 'silent']));
  const dollars = account.reduce((sum, row) => sum + row.dollars, 0);
  expect(dollars).toBeGreaterThan(0);
  expect(costInComment(comment)).toBe(Number(dollars.toFixed(2)));
  expect(comment).toContain('for 5 abandoned replies)');
});

test('a worker that dies during a reply leaves its estimate, and the reply is bought again once', async () => {
  const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
  const { run, release } = await world.labelAndHold(issue);
  await world.app.kill();
  release();
  await world.startAgain();
  expect((await run.settled()).outcome.kind).toBe('pull-request');
  expect(requestsFor(issue.title)).toHaveLength(2);
  expect(await accountOf(run)).toMatchObject([
    { turn: 1, ending: 'lost' },
    { turn: 1, ending: 'complete' },
  ]);
  const lost = (await run.events()).filter(({ type }) => type === 'reply-abandoned');
  expect(lost).toMatchObject([{ turn: 1, attempt: 1, ending: 'lost' }]);
  const account = await accountOf(run);
  const tokens = account.reduce((sum, row) => sum + row.tokens, 0).toLocaleString('en');
  expect(world.github.pullRequests(issue.name)[0]?.body).toContain(`1 turn, ${tokens} tokens`);
});

test('a reply that people stopped is in the cost of the run', async () => {
  const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
  const { run, release } = await world.labelAndHold(issue);
  await world.comment(issue, '/stop');
  expect((await run.settled()).outcome.kind).toBe('stopped');
  release();
  expect(await accountOf(run)).toMatchObject([{ turn: 1, ending: 'stopped' }]);
  await waitFor('the final comment', world, () =>
    /0 turns, [\d,]+ tokens, \$0\.\d\d \(with an estimate of .* for 1 abandoned reply\)/.test(
      world.progress(issue.name, issue.number),
    ),
  );
});
