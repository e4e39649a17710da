import { randomUUID } from 'node:crypto';
import { DBOS } from '@dbos-inc/dbos-sdk';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type pg from 'pg';
import { type Engine, launchEngine } from '../../src/engine/engine.js';
import { takeLease, type WorkerLease } from '../../src/engine/lease.js';
import { bindSteps, type StepOptions } from '../../src/engine/steps.js';
import { defineWorkflow } from '../../src/engine/workflow.js';
import { createLog } from '../../src/log.js';
import { RetryLater } from '../../src/runs/retry-later.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

interface Ticket {
  id: string;
}

/** What the steps and their options were called with, in order. */
let calls: string[] = [];
let failures: Error[] = [];
let holdGate: Promise<void> = Promise.resolve();

const table = {
  readTicket: {
    name: 'read-ticket',
    run: async (_: object, ticket: Ticket) => {
      calls.push(`read ${ticket.id}`);
      const failure = failures.shift();
      if (failure) throw failure;
      return ticket.id.length;
    },
  },
  build: {
    name: 'build-it',
    stoppable: true,
    run: async (_: object, ticket: Ticket, size: number) => {
      calls.push(`build ${ticket.id} of ${size}`);
    },
  },
  passGate: { name: 'pass-gate', run: () => holdGate },
};
const options: StepOptions = {
  // A step may wait once.
  maxWaitMs: 0,
  onWait: async (step, { reason }, untilMs, firstArgument) => {
    expect(untilMs).toBeGreaterThan(Date.now() - 60_000);
    calls.push(`${step} waits for ${(firstArgument as Ticket).id}: ${reason}`);
  },
  duringStoppable: async (firstArgument, body) => {
    calls.push(`may stop ${(firstArgument as Ticket).id}`);
    return body();
  },
  onDone: (step, firstArgument, milliseconds, result) => {
    expect(milliseconds).toBeGreaterThanOrEqual(0);
    calls.push(`done ${step} of ${(firstArgument as Ticket | undefined)?.id}: ${result}`);
  },
};
const steps = bindSteps(table, {}, options);
const workflow = defineWorkflow<Ticket>(
  'handle-ticket',
  { concurrency: 5, pollEveryMs: 50 },
  async (ticket) => {
    await steps.build(ticket, await steps.readTicket(ticket));
    await steps.passGate();
  },
);

let database: TestDatabase;
let pool: pg.Pool;
let lease: WorkerLease;
let engine: Engine;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = database.openPool();
  const log = createLog('silent', []);
  const workerId = randomUUID();
  lease = await takeLease(pool, workerId, 60_000, log);
  engine = await launchEngine({
    databaseUrl: database.url,
    pool,
    workerId,
    lease,
    deadAfterMs: 60_000,
    onHandedOver: async () => {},
    log,
  });
});
afterAll(async () => {
  await engine.stop();
  await lease.release();
  await pool.end();
  await database.drop();
});

async function handle(ticket: Ticket): Promise<void> {
  calls = [];
  await workflow.start(ticket.id, ticket);
  await DBOS.retrieveWorkflow(ticket.id).getResult();
}

const namesOf = async (id: string) => (await DBOS.listWorkflowSteps(id))?.map(({ name }) => name);

test('a step is stored under the name in its row, not under its key', async () => {
  await handle({ id: 'plain' });
  expect(await namesOf('plain')).toEqual(['read-ticket', 'build-it', 'pass-gate']);
});

test('only a stoppable step runs inside duringStoppable, and each step reports its end once', async () => {
  await handle({ id: 'once' });
  expect(calls).toEqual([
    'read once',
    'done read-ticket of once: 4',
    'may stop once',
    'build once of 4',
    'done build-it of once: undefined',
    'done pass-gate of undefined: undefined',
  ]);
});

test('a step that throws RetryLater waits under a name of its own and runs again', async () => {
  failures = [new RetryLater('the shop is closed', 10)];
  await handle({ id: 'later' });
  expect(calls.slice(0, 3)).toEqual([
    'read later',
    'read-ticket waits for later: the shop is closed',
    'read later',
  ]);
  const names = await namesOf('later');
  expect(names?.filter((name) => name.startsWith('read-ticket'))).toEqual([
    'read-ticket',
    'read-ticket, waiting',
    'read-ticket',
  ]);
});

test('a step that waited for too long ends the run; unlimited waits do not count', async () => {
  const [limited, unlimited] = [new RetryLater('closed', 10), new RetryLater('locked', 10, true)];
  failures = [limited, limited];
  await expect(handle({ id: 'too-long' })).rejects.toThrow('gave up: closed.');
  failures = [unlimited, unlimited, limited, unlimited];
  await handle({ id: 'patient' });
  expect(calls.filter((call) => call === 'read patient')).toHaveLength(5);
});

test('any other error of a step reaches the workflow', async () => {
  failures = [new Error('the ticket is torn')];
  await expect(handle({ id: 'torn' })).rejects.toThrow('the ticket is torn');
  expect(calls).toEqual(['read torn']);
});

test('a replayed step neither runs again nor reports its end again', async () => {
  let openGate = () => {};
  holdGate = new Promise((resolve) => {
    openGate = resolve;
  });
  const handled = handle({ id: 'replayed' });
  handled.catch(() => {});
  while ((await namesOf('replayed'))?.length !== 2) await new Promise((resolve) => setTimeout(resolve, 20));
  await DBOS.cancelWorkflow('replayed');
  openGate();
  await expect(handled).rejects.toThrow(/cancelled/);
  const before = calls.filter((call) => !call.includes('pass-gate'));
  await (await DBOS.resumeWorkflow('replayed')).getResult();
  expect(calls.filter((call) => !call.includes('pass-gate'))).toEqual(before);
});

test('two rows with the same name are refused when they are bound', () => {
  const twice = { one: table.readTicket, other: { ...table.build, name: 'read-ticket' } };
  expect(() => bindSteps(twice, {}, options)).toThrow('two steps of one workflow are named "read-ticket"');
});
