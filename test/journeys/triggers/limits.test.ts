import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minimalProject, solveMinimalProject } from '../../support/sample-projects.js';
import { waitFor } from '../../support/wait-for.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({
    PULLWRIGHT_CONCURRENCY: '4',
    LIMITS_USER: 'at-once=2',
    LIMITS_REPOSITORY: 'runs=5',
    LIMITS_SERVER: '',
  });
});

afterAll(() => world.stop());

/** An issue in this repository, by whom everyone may write. */
async function open(name: string, title: string): Promise<number> {
  world.model.script({ when: title, turns: solveMinimalProject });
  return world.github.openIssue(name, { title, body: 'By name, please.', author: 'ada' });
}

async function makeRepository(name: string, ...people: string[]) {
  await world.github.createRepository(name, { files: minimalProject });
  for (const person of people) world.github.setRole(name, person, 'write');
}

const statusOf = (name: string) =>
  world.database.query<{ id: string; requested_by: string; status: string; admitted: boolean }>(
    `select id, requested_by, status, admitted_at is not null as admitted from pullwright.runs
     where repository = $1 order by created_at`,
    [name],
  );

describe('limits per user, repository and server', () => {
  test("a user's runs beyond the limit wait with a reason, block nobody else, and all complete", async () => {
    await makeRepository('acme/queue', 'ada', 'bob');
    const numbers = [];
    for (let at = 0; at < 4; at++) numbers.push(await open('acme/queue', `Ada wants this, ${at}`));
    const bobs = await open('acme/queue', 'Bob wants that');
    // Which two of hers begin is the order in which their deliveries are worked on: all are held, any two
    // may.
    const holds = numbers.map((_, at) => world.model.hold(1, `Ada wants this, ${at}`));
    const adas = await Promise.all(numbers.map((number) => world.label({ name: 'acme/queue', number })));
    const bob = await world.label({ name: 'acme/queue', number: bobs }, 'backend', 'bob');
    expect((await bob.settled()).outcome.kind).toBe('pull-request');
    const waiting = async () => (await statusOf('acme/queue')).filter(({ admitted }) => !admitted);
    await waitFor(
      'five runs, of which two wait',
      world,
      async () => (await statusOf('acme/queue')).length === 5 && (await waiting()).length === 2,
    );
    for (const { id, requested_by: person } of await waiting()) {
      expect(person).toBe('ada');
      await world
        .run(id)
        .says(
          '**Waiting:** @ada has 2 runs in progress, which is the limit; this one starts when one of them ends.',
        );
    }
    for (const held of holds) held.release();
    for (const ada of adas) expect((await ada.settled()).outcome.kind).toBe('pull-request');
  });

  test('two hundred issues labeled at once: the daily limit applies, the rest wait, none is lost, everyone is told', async () => {
    const people = Array.from({ length: 20 }, (_, at) => `person-${at}`);
    await makeRepository('acme/many', ...people);
    const numbers: number[] = [];
    for (let at = 0; at < 200; at++) numbers.push(await open('acme/many', `One of many: ${at}.`));
    await Promise.all(
      numbers.map((number, at) => world.github.label('acme/many', number, 'backend', people[at % 20] ?? '')),
    );
    await waitFor(
      'five pull requests and 195 that were told to wait',
      world,
      async () => {
        const told = numbers.filter((number) => {
          const [comment] = world.github.botComments('acme/many', number);
          return comment?.body.includes(
            "**Waiting:** this repository has used today's limit of 5 runs; this one starts after midnight UTC.",
          );
        });
        return told.length === 195 && world.github.pullRequests('acme/many').length === 5;
      },
      480_000,
    );
    const runs = await statusOf('acme/many');
    expect(runs).toHaveLength(200);
    expect(runs.filter(({ admitted }) => admitted)).toHaveLength(5);
    for (const number of numbers) expect(world.progress('acme/many', number)).not.toBe('');

    // The day after, seen from the first five.
    await world.database.query(
      `update pullwright.runs set admitted_at = now() - interval '1 day' where repository = 'acme/many' and admitted_at is not null`,
      [],
    );
    await waitFor(
      'the next five, and their end',
      world,
      async () =>
        (await statusOf('acme/many')).filter(({ admitted, status }) => admitted && status === 'settled')
          .length === 10,
      120_000,
    );
    expect(world.github.pullRequests('acme/many')).toHaveLength(10);
  }, 600_000);
});
