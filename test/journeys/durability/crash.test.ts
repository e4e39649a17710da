import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptedTurn } from '../../../scripted-model/scripted-model.js';
import { findProcesses } from '../../support/find-processes.js';
import {
  minimalProject,
  minimalProjectWith,
  solveMinimalProject,
  submitGreeting,
} from '../../support/sample-projects.js';
import { waitFor } from '../../support/wait-for.js';
import type { RunHandle } from '../../support/world/run-handle.js';
import { startWorld, type World } from '../../support/world/start-world.js';
import type { Place } from '../../support/world/world.js';

describe('after a kill and a restart', () => {
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

  const expectOneOfEach = async ({ name, number }: Place, run: RunHandle) => {
    expect((await run.settled()).outcome.kind).toBe('pull-request');
    expect(world.github.pullRequests(name)).toHaveLength(1);
    expect(world.github.checkRuns(name)).toHaveLength(1);
    expect(world.progress(name, number)).toContain('**Done:**');
    await waitFor('the run to leave nothing behind', world, () => nothingLeft(run.id));
  };
  const nothingLeft = async (runId: string) => !existsSync(path.join(world.home, 'runs', runId));
  const runFolder = async (): Promise<string> => {
    const [name, ...more] = await readdir(path.join(world.home, 'runs'));
    expect(more).toEqual([]);
    return path.join(world.home, 'runs', name ?? '');
  };

  test('killed while the model answers: earlier replies are not paid for again', async () => {
    const issue = await world.prepareIssue({
      files: minimalProject,
      turns: [
        { calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] },
        { calls: [['bash', { command: 'cat greeting.txt' }]] },
        { expect: ['hello Ada'], calls: [submitGreeting] },
      ],
    });
    const { run, release } = await world.labelAndHold(issue, 3);
    await world.app.kill();
    release();
    await world.startAgain();
    await expectOneOfEach(issue, run);
    // The third was on its way when the process died; its answer reached nobody.
    expect(askedTurns(issue.title)).toEqual([1, 2, 3, 3]);
    const branch = `heads/pullwright/issue-${issue.number}`;
    expect(await world.github.readFile(issue.name, branch, 'greeting.txt')).toBe('hello Ada\n');
  });

  test('killed during a command: the command dies, and runs again on the same tree', async () => {
    const { github } = world;
    // The second time, the file is there, and the command comes to its end.
    const command =
      'echo again >> greeting.txt; echo x > started; [ -e /outputs/go ] || sleep 76543; rm started';
    const turns: ScriptedTurn[] = [
      { calls: [['bash', { command: "echo 'hello Ada' > greeting.txt" }]] },
      { calls: [['bash', { command }]] },
      { calls: [submitGreeting] },
    ];
    const issue = await world.prepareIssue({ files: minimalProject, turns });
    const { name, number, title } = issue;
    const asked = await world.label(issue);
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
    await expectOneOfEach(issue, await asked.run());
    expect(askedTurns(title)).toEqual([1, 2, 3]);
    expect(await github.readFile(name, `heads/pullwright/issue-${number}`, 'greeting.txt')).toBe(
      'hello Ada\nagain\n',
    );
  });

  test('killed during setup: setup runs again on a fresh clone', async () => {
    const setup = 'setup:\n  - "[ ! -e started ] && echo x > started && sleep 2"';
    const issue = await world.prepareIssue({
      files: minimalProjectWith(setup, { '.gitignore': 'started\n' }),
      turns: solveMinimalProject,
    });
    const asked = await world.label(issue);
    await waitFor('the set-up to run', world, async () =>
      (await readdir(path.join(world.home, 'runs'))).some((run) =>
        existsSync(path.join(world.home, 'runs', run, 'set-up', 'tree', 'started')),
      ),
    );
    await world.app.kill();
    await world.startAgain();
    await expectOneOfEach(issue, await asked.run());
    expect(askedTurns(issue.title)).toEqual([1]);
  });

  test('killed while GitHub opens the pull request: the run finds it', async () => {
    const { github } = world;
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const { name, title } = issue;
    const held = github.hold({ method: 'POST', path: `/repos/${name}/pulls` });
    const asked = await world.label(issue);
    await held.reached;
    await runFolder();
    await world.app.kill();
    held.release();
    await waitFor('GitHub to open it', world, async () => github.pullRequests(name).length === 1);
    await world.startAgain();
    await expectOneOfEach(issue, await asked.run());
    expect(askedTurns(title)).toEqual([1]);
  });

  test('killed while GitHub writes the first comment: the run finds it', async () => {
    const { github } = world;
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const { name, number } = issue;
    const held = github.hold({ method: 'POST', path: `/repos/${name}/issues/${number}/comments` });
    const asked = await world.label(issue);
    await held.reached;
    await world.app.kill();
    held.release();
    await waitFor('GitHub to write it', world, async () => github.botComments(name, number).length === 1);
    await world.startAgain();
    await expectOneOfEach(issue, await asked.run());
  });
});

const killPostgres = async ({ home }: World) => {
  const file = await readFile(path.join(home, 'postgres/data/postmaster.pid'), 'utf8');
  process.kill(Number(file.split('\n')[0]), 'SIGKILL');
};

test.each([
  ['which survives a kill of the app, the run continues', 'app'],
  ['which alone is killed, the app restarts it and the run continues', 'Postgres'],
])('with its own Postgres, %s', async (_, victim) => {
  const world = await startWorld({ DATABASE_URL: '' });
  try {
    const { github, model } = world;
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const { name, number } = issue;
    const held = model.hold(1, issue.title);
    await world.label(issue);
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
