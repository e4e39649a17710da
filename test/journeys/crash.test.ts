import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptedTurn } from '../../scripted-model/scripted-model.js';
import { findProcesses } from '../support/find-processes.js';
import {
  minimalProject,
  minimalProjectWith,
  solveMinimalProject,
  submitGreeting,
} from '../support/sample-projects.js';
import { waitFor } from '../support/wait-for.js';
import { startWorld, type World } from '../support/world/start-world.js';

describe('killed, and started again', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  });

  afterAll(() => world.stop());

  /** How often each turn was asked for, in order. */
  const askedTurns = (title: string) =>
    world.model.requests
      .filter(({ body }) => JSON.stringify(body.messages[0]).includes(title))
      .map(({ body }) => body.messages.filter(({ role }) => role === 'assistant').length + 1);

  const expectOneOfEach = async (name: string, number: number) => {
    const { outcome, id } = await world.settled(name, number);
    expect(outcome.kind).toBe('pull-request');
    expect(world.github.pullRequests(name)).toHaveLength(1);
    expect(world.github.checkRuns(name)).toHaveLength(1);
    expect(world.progress(name, number)).toContain('**Done:**');
    await waitFor('the run to leave nothing behind', world, () => nothingLeft(id));
  };
  const nothingLeft = async (runId: string) => !existsSync(path.join(world.home, 'runs', runId));
  const runFolder = async (): Promise<string> => {
    const [name, ...more] = await readdir(path.join(world.home, 'runs'));
    expect(more).toEqual([]);
    return path.join(world.home, 'runs', name ?? '');
  };

  test('while the model thinks: what it said before is not bought twice', async () => {
    const { github, model } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: [
        { calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] },
        { calls: [['bash', { command: 'cat greeting.txt' }]] },
        { expect: ['hello Ada'], calls: [submitGreeting] },
      ],
    });
    const held = model.hold(3);
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    await world.app.kill();
    held.release();
    await world.startAgain();
    await expectOneOfEach(name, number);
    // The third was on its way when the process died; its answer reached nobody.
    expect(askedTurns(title)).toEqual([1, 2, 3, 3]);
    expect(await github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt')).toBe(
      'hello Ada\n',
    );
  });

  test('while a command runs: it ends with the process, and is done again from where the tree was', async () => {
    const { github } = world;
    // The second time, the file is there, and the command comes to its end.
    const command =
      'echo again >> greeting.txt; echo x > started; [ -e /outputs/go ] || sleep 76543; rm started';
    const turns: ScriptedTurn[] = [
      { calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] },
      { calls: [['bash', { command }]] },
      { calls: [submitGreeting] },
    ];
    const { name, number, title } = await world.prepareIssue({ files: minimalProject, turns });
    await github.label(name, number, 'backend', 'ada');
    const folder = await waitFor('the command to run', world, async () => {
      const [run] = await readdir(path.join(world.home, 'runs'));
      const folder = path.join(world.home, 'runs', run ?? '');
      return run && existsSync(path.join(folder, 'agent', 'tree', 'started')) ? folder : null;
    });
    expect(await findProcesses('sleep 76543')).not.toEqual([]);
    await world.app.kill();
    await waitFor('the command to end', world, async () => (await findProcesses('sleep 76543')).length === 0);
    await writeFile(path.join(folder, 'outputs', 'go'), '');
    await world.startAgain();
    await expectOneOfEach(name, number);
    expect(askedTurns(title)).toEqual([1, 2, 3]);
    expect(await github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt')).toBe(
      'hello Ada\nagain\n',
    );
  });

  test('during set-up: it is done again, from a fresh clone', async () => {
    const { github } = world;
    const setup = 'setup:\n  - "[ ! -e started ] && echo x > started && sleep 2"';
    const { name, number, title } = await world.prepareIssue({
      files: minimalProjectWith(setup, { '.gitignore': 'started\n' }),
      turns: solveMinimalProject,
    });
    await github.label(name, number, 'backend', 'ada');
    await waitFor('the set-up to run', world, async () =>
      (await readdir(path.join(world.home, 'runs'))).some((run) =>
        existsSync(path.join(world.home, 'runs', run, 'pristine', 'tree', 'started')),
      ),
    );
    await world.app.kill();
    await world.startAgain();
    await expectOneOfEach(name, number);
    expect(askedTurns(title)).toEqual([1]);
  });

  test('while GitHub opens the pull request: the one that it opened is found', async () => {
    const { github } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: solveMinimalProject,
    });
    const held = github.hold({ method: 'POST', path: `/repos/${name}/pulls` });
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    await runFolder();
    await world.app.kill();
    held.release();
    await waitFor('GitHub to open it', world, async () => github.pullRequests(name).length === 1);
    await world.startAgain();
    await expectOneOfEach(name, number);
    expect(askedTurns(title)).toEqual([1]);
  });

  test('while GitHub writes the first comment: the one that it wrote is found', async () => {
    const { github } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const held = github.hold({ method: 'POST', path: `/repos/${name}/issues/${number}/comments` });
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    await world.app.kill();
    held.release();
    await waitFor('GitHub to write it', world, async () => github.botComments(name, number).length === 1);
    await world.startAgain();
    await expectOneOfEach(name, number);
  });
});

const killPostgres = async ({ home }: World) => {
  const file = await readFile(path.join(home, 'postgres/data/postmaster.pid'), 'utf8');
  process.kill(Number(file.split('\n')[0]), 'SIGKILL');
};

test.each([
  ['which a kill leaves running, it goes on just the same', 'app'],
  ['which is killed without it, it starts that again and goes on', 'Postgres'],
])('with its own Postgres, %s', async (_, victim) => {
  const world = await startWorld({ DATABASE_URL: '' });
  try {
    const { github, model } = world;
    const { name, number } = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const held = model.hold(1);
    await github.label(name, number, 'backend', 'ada');
    await held.reached;
    await (victim === 'app' ? world.app.kill() : killPostgres(world));
    held.release();
    if (victim === 'app') await world.startAgain();
    await waitFor('people to be told', world, async () => world.progress(name, number).includes('**Done:**'));
    await waitFor(
      'nothing to be left',
      world,
      async () => (await readdir(path.join(world.home, 'runs'))).length === 0,
    );
    expect(github.pullRequests(name)).toHaveLength(1);
  } finally {
    await world.stop();
  }
  expect(await findProcesses(world.home)).toEqual([]);
});
