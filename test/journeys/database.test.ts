import { spawnSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mountDisk } from '../support/mount-disk.js';
import { plain, solvePlain } from '../support/plain.js';
import { runIssue } from '../support/run-issue.js';
import { startWorld, type World, waitFor } from '../support/start-world.js';

const askedFor = (world: World, title: string) =>
  world.model.requests.filter(({ body }) => JSON.stringify(body.messages[0]).includes(title)).length;

describe('a database that cannot take something just then', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  test('is waited for where a worker begins with a run: the run does not end over it', async () => {
    const failed = await world.database.failNext('update of attempts on pullwright.runs', '57P03', 1);
    const { settlement, pulls } = await runIssue(world, { files: plain, turns: solvePlain });
    expect(await failed()).toBe(1);
    expect(settlement.kind).toBe('pull-request');
    expect(pulls).toHaveLength(1);
  });

  test('since its disk is full is waited for at every place, and no reply is bought twice', async () => {
    const failures = await Promise.all(
      [
        'insert on pullwright.checkpoints',
        'insert on pullwright.spend',
        'insert on dbos.operation_outputs',
        'update of status on pullwright.runs',
      ].map((kind) => world.database.failNext(kind, '53100', 2)),
    );
    let asked = '';
    const { id, settlement, pulls } = await runIssue(world, {
      files: plain,
      turns: solvePlain,
      before: ({ title }) => {
        asked = title;
      },
    });
    expect(await Promise.all(failures.map((failed) => failed()))).toEqual([2, 2, 2, 2]);
    expect(settlement.kind).toBe('pull-request');
    expect(pulls).toHaveLength(1);
    expect(askedFor(world, asked)).toBe(1);
    const waits = (await world.events(id)).filter(({ type }) => type === 'waiting');
    expect(new Set(waits.map(({ because }) => because))).toEqual(
      new Set(["the database's disk is full (53100)"]),
    );
  });
});

test('a run goes on where it was when a full disk under the embedded Postgres has room again', async () => {
  const disk = await mountDisk(160);
  if (!disk) {
    console.log('skipped: no file system can be mounted here (that takes root)');
    return;
  }
  try {
    const home = path.join(disk.path, 'home');
    await mkdir(home);
    const world = await startWorld({ DATABASE_URL: '', PULLWRIGHT_HOME: home });
    try {
      const { name, number, title } = await world.prepareIssue({ files: plain, turns: solvePlain });
      const held = world.model.hold(1);
      await world.github.label(name, number, 'backend', 'ada');
      await held.reached;
      held.release();
      await waitFor('people to be told', world, async () =>
        world.progress(name, number).includes('**Done:**'),
      );
      expect(world.github.pullRequests(name)).toHaveLength(1);
      expect(askedFor(world, title)).toBe(1);
    } finally {
      await world.stop();
    }
  } finally {
    await disk.remove();
  }
});
