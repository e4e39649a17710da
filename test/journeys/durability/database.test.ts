import { spawnSync } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mount } from '../../support/mount-disk.js';
import { minimalProject, runAndSubmit, solveMinimalProject } from '../../support/sample-projects.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';
import { waitFor } from '../../support/wait-for.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

const askedFor = (world: World, title: string) =>
  world.model.requests.filter(({ body }) => JSON.stringify(body.messages[0]).includes(title)).length;

describe('a database that temporarily rejects writes', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ RECONCILE_MINUTES: '0.05' });
  });
  afterAll(() => world.stop());

  test('a run whose workflow failed in the engine is ended, people are told, and the issue is free again', async () => {
    const { model, database } = world;
    const { name, number, title } = await world.prepareIssue({
      files: minimalProject,
      turns: solveMinimalProject,
    });
    const held = model.hold(1, title);
    const asked = await world.label({ name, number });
    await held.reached;
    await world.app.kill();
    held.release();
    await database.query(
      `update dbos.workflow_status set status = 'ERROR' where name = 'work-on-run' and status = 'PENDING'`,
      [],
    );
    await world.startAgain();
    expect((await asked.settled()).outcome).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/^An internal error in Pullwright ended the run/),
    });
    expect(world.progress(name, number)).toContain('**Failed:** An internal error in Pullwright');
    const again = await world.comment({ name, number }, '/implement');
    expect((await again.settled()).outcome.kind).toBe('pull-request');
  });

  test('does not end a run that a worker is starting', async () => {
    const failed = await world.database.failNext('update of attempts on pullwright.runs', '57P03', 1);
    const { outcome, pulls } = await runIssue(world, { files: minimalProject, turns: solveMinimalProject });
    expect(await failed()).toBe(1);
    expect(outcome.kind).toBe('pull-request');
    expect(pulls).toHaveLength(1);
  });

  test('with a full disk makes every step wait, and no reply is paid for twice', async () => {
    const failures = await Promise.all(
      [
        'insert on pullwright.checkpoints',
        'insert on pullwright.spend',
        'insert on dbos.operation_outputs',
        'update of status on pullwright.runs',
      ].map((kind) => world.database.failNext(kind, '53100', 2)),
    );
    let asked = '';
    const { run, outcome, pulls } = await runIssue(world, {
      files: minimalProject,
      turns: solveMinimalProject,
      before: ({ title }) => {
        asked = title;
      },
    });
    expect(await Promise.all(failures.map((failed) => failed()))).toEqual([2, 2, 2, 2]);
    expect(outcome.kind).toBe('pull-request');
    expect(pulls).toHaveLength(1);
    expect(askedFor(world, asked)).toBe(1);
    const waits = (await run.events()).filter(({ type }) => type === 'waiting');
    expect(new Set(waits.map(({ reason }) => reason))).toEqual(
      new Set(["the database's disk is full (53100)"]),
    );
  });
});

test('a run continues once the full disk of the embedded Postgres has room again', async () => {
  const folder = await createTemporaryFolder();
  const home = path.join(folder.path, 'home');
  const disk = path.join(home, 'postgres');
  await mkdir(disk, { recursive: true });
  if (!mount(disk, 160)) {
    console.log('skipped: no file system can be mounted here (that takes root)');
    await folder.remove();
    return;
  }
  try {
    const world = await startWorld({ DATABASE_URL: '', PULLWRIGHT_HOME: home });
    try {
      const command = "echo 'hello Ada' > greeting.txt; head -c 500000 /dev/urandom > noise";
      const { name, number, title } = await world.prepareIssue({
        files: minimalProject,
        turns: runAndSubmit(command),
      });
      const held = world.model.hold(1, title);
      await world.label({ name, number });
      await held.reached;
      const filler = path.join(disk, 'filler');
      expect(spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k']).stderr.toString()).toContain(
        'No space left on device',
      );
      held.release();
      await waitFor('the disk to be missed', world, async () =>
        world.app.log.some((line) => line.includes("the database's disk is full")),
      );
      expect(world.github.pullRequests(name)).toEqual([]);
      await rm(filler);
      await waitFor('people to be told', world, async () =>
        world.progress(name, number).includes('**Done:**'),
      );
      await waitFor(
        'nothing to be left',
        world,
        async () => (await readdir(path.join(home, 'runs'))).length === 0,
      );
      expect(world.github.pullRequests(name)).toHaveLength(1);
      expect(askedFor(world, title)).toBe(1);
    } finally {
      await world.stop();
    }
  } finally {
    spawnSync('umount', [disk]);
    await folder.remove();
  }
});
