import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { plain, solvePlain } from '../support/plain.js';
import { runIssue } from '../support/run-issue.js';
import type { ScriptedTurn } from '../support/scripted-model/conversation.js';
import { startWorld, type World, waitFor } from '../support/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world.stop());

const answer = (
  command: string,
  answers: { thread: number; done: boolean; text: string }[],
): ScriptedTurn => ({
  calls: [
    ['bash', { command }],
    ['submit', { title: 'Greet Ada politely', summary: 'The greeting says the name, politely.', answers }],
  ],
});

/** A pull request of the bot's that can be reviewed. */
async function open(turns: ScriptedTurn[], more: Parameters<typeof runIssue>[1] = {}) {
  const done = await runIssue(world, { files: plain, turns: [...solvePlain, ...turns], ...more });
  const [pull] = done.pulls;
  if (done.settlement.kind !== 'pull-request' || !pull) throw new Error(JSON.stringify(done.settlement));
  return { ...done, pull };
}

const headOf = (name: string, number: number) =>
  world.github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt');
const threadsOf = (name: string, pull: number) =>
  world.github.state.pullRequest(world.github.state.repository(name), pull).pull.threads;
const runsOf = (name: string) =>
  world.database.query<{ id: string; story: string }>(
    'select id, story from pullwright.runs where repository = $1 order by created_at',
    [name],
  );
const outcomeOf = (name: string, kind: string) =>
  waitFor(`the ${kind} of ${name} to be answered`, world, async () => {
    const [row] = await world.database.query<{ outcome: string }>(
      `select outcome from pullwright.deliveries where trigger ->> 'kind' = $1 and trigger #>> '{repository,name}' = $2
       order by received_at desc limit 1`,
      [kind, name.split('/')[1]],
    );
    return row?.outcome;
  });

describe('a review', () => {
  test('becomes one commit on the same branch by the same conversation, and every thread is answered', async () => {
    const { github } = world;
    const { name, number, pull } = await open([
      {
        ...answer("echo 'good day, Ada' > greeting.txt", [
          { thread: 1, done: true, text: 'It says good day now.' },
          { thread: 2, done: false, text: 'The name is wanted by the issue.' },
        ]),
        expect: ['Rather say good day.', 'Why the name?', 'Two things.'],
      },
    ]);
    const before = pull.pull.headSha;
    const { threads } = await github.submitReview(
      name,
      pull.number,
      {
        state: 'changes_requested',
        body: 'Two things.',
        comments: [
          { path: 'greeting.txt', line: 1, body: 'Rather say good day.' },
          { path: 'greeting.txt', line: 1, body: 'Why the name?' },
        ],
      },
      'ada',
    );
    await world.settled(name, number);
    await waitFor('both threads to be answered', world, async () =>
      threadsOf(name, pull.number).every(({ comments }) => comments.length === 2),
    );
    expect(threads).toHaveLength(2);
    expect(await headOf(name, number)).toBe('good day, Ada\n');

    const [now, ...more] = github.pullRequests(name);
    expect(more).toEqual([]);
    expect(now?.pull.headSha).not.toBe(before);
    const [first, second] = threadsOf(name, pull.number).map(({ comments }) => comments[1]);
    expect(first?.body).toMatch(`Done in ${now?.pull.headSha}: It says good day now.`);
    expect(second?.body).toMatch('Not done: The name is wanted by the issue.');
    expect(now?.body).toContain('The greeting says the name, politely.');
    expect(world.progress(name, pull.number)).toContain(`**Done in ${now?.pull.headSha}.**`);
    expect((await runsOf(name)).map(({ story }) => story)).toEqual(['implement-issue', 'answer-review']);
    expect(threadsOf(name, pull.number).map(({ resolvedBy }) => resolvedBy)).toEqual([null, null]);
  });

  test('that only praises costs nothing', async () => {
    const { name, pull } = await open([]);
    const asked = world.model.requests.length;
    await world.github.submitReview(
      name,
      pull.number,
      {
        state: 'commented',
        body: 'Nice!',
        comments: [{ path: 'greeting.txt', line: 1, body: 'LGTM, thank you 🎉' }],
      },
      'ada',
    );
    expect(await outcomeOf(name, 'review')).toBe('not for us');
    expect(world.model.requests).toHaveLength(asked);
    expect(world.github.botComments(name, pull.number)).toEqual([]);
  });
});
