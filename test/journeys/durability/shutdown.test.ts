import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findProcesses } from '../../support/find-processes.js';
import { minimalProject, solveMinimalProject, submitGreeting } from '../../support/sample-projects.js';
import { waitFor } from '../../support/wait-for.js';
import { startWorld, type World } from '../../support/world/start-world.js';

/** Kubernetes kills after thirty seconds. */
const longestStopMs = 30_000;
let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

/** SIGTERM, and how long the process took to end. */
const stop = async () => {
  const begun = Date.now();
  expect(await world.app.stop()).toBe(0);
  return Date.now() - begun;
};

const runFolder = () =>
  waitFor('the command to run', world, async () => {
    const [run] = await readdir(path.join(world.home, 'runs'));
    const folder = path.join(world.home, 'runs', run ?? '');
    return run && existsSync(path.join(folder, 'agent', 'tree', 'started')) ? folder : null;
  });

describe('a process that gets SIGTERM exits within 30 seconds', () => {
  test('during a long command, which ends with it and runs again later', async () => {
    const command =
      "echo 'hello Ada' > greeting.txt; touch started; until [ -e /outputs/go ]; do sleep 0.7651; done";
    const { name, number } = await world.prepareIssue({
      files: minimalProject,
      turns: [{ calls: [['bash', { command: `${command}; rm started` }]] }, { calls: [submitGreeting] }],
    });
    const asked = await world.label({ name, number });
    const folder = await runFolder();
    expect(await stop()).toBeLessThan(longestStopMs);
    await waitFor(
      'the command to end',
      world,
      async () => (await findProcesses('sleep 0.7651')).length === 0,
    );
    await writeFile(path.join(folder, 'outputs', 'go'), '');
    await world.startAgain();
    expect((await asked.settled()).outcome.kind).toBe('pull-request');
    expect(world.github.pullRequests(name)).toHaveLength(1);
  });

  test('while a client holds a connection open with half a request', async () => {
    const socket = connect(world.app.port, '127.0.0.1').resume();
    socket.on('error', () => {});
    const ended = new Promise((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => {
      socket.write('POST /api/github/webhooks HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{', resolve);
    });
    expect(await stop()).toBeLessThan(longestStopMs);
    await ended;
    await world.startAgain();
  });

  test('while GitHub does not answer the search for missed triggers', async () => {
    expect(await world.app.stop()).toBe(0);
    const held = world.github.hold({ method: 'GET', path: '/app/hook/deliveries' });
    await world.startAgain();
    await held.reached;
    expect(await stop()).toBeLessThan(longestStopMs);
    held.release();
    await world.startAgain();
  });

  test('while the database is down, and its run continues when both are back', async () => {
    const { github, database } = world;
    const issue = await world.prepareIssue({ files: minimalProject, turns: solveMinimalProject });
    const { run, release } = await world.labelAndHold(issue);
    await database.takeAway();
    release();
    expect(await stop()).toBeLessThan(longestStopMs);
    await database.bringBack();
    await world.startAgain();
    expect((await run.settled()).outcome.kind).toBe('pull-request');
    expect(github.pullRequests(issue.name)).toHaveLength(1);
  });
});
