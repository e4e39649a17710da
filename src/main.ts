import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Pool } from 'pg';
import { createModelClient } from './agent/model.js';
import { findModel } from './agent/models.js';
import { createApp, type TakeTrigger } from './app.js';
import { isPlaceholder } from './checks/find-secrets.js';
import { type Config, ConfigError } from './config.js';
import { defineWorkflow, durable, launchEngine } from './engine/engine.js';
import { lockHome } from './engine/lock-home.js';
import { type Database, openDatabase } from './engine/open-database.js';
import { openQueue, type Queue } from './engine/open-queue.js';
import { type Watch, watch } from './engine/watch.js';
import { takeLease, type WorkerLease } from './engine/worker-lease.js';
import { findPassage } from './find-passage.js';
import { acceptTrigger } from './flows/accept-trigger.js';
import { createAcceptTriggerSteps } from './flows/accept-trigger-steps.js';
import { askForRedelivery, findMissed } from './flows/find-missed.js';
import { createFindMissedSteps } from './flows/find-missed-steps.js';
import { implementIssue } from './flows/implement-issue.js';
import { createImplementIssueSteps } from './flows/implement-issue-steps.js';
import { createHousekeeping } from './flows/keep-house.js';
import { createPublisher, type Publisher } from './flows/publisher.js';
import { createHalfTurns, createWork } from './flows/work-steps.js';
import { createGitHub } from './github/github.js';
import { createLog, type Log } from './log.js';
import { openIntakeStore } from './runs/intake-store.js';
import type { RetryLater } from './runs/retry-later.js';
import { openRunStore, type RunStore } from './runs/run-store.js';
import { type Agent, readAgents } from './task/agent-file.js';
import type { Trigger } from './task/task.js';
import { serve } from './web/serve.js';
import { createBubblewrap } from './workspace/bubblewrap.js';
import { openMirrors } from './workspace/mirror.js';
import { openWorkspaces, type Workspaces } from './workspace/open-workspaces.js';
import { findRegistries, type Registries } from './workspace/registries.js';
import type { Sandboxes } from './workspace/sandbox.js';
import { testSandbox } from './workspace/self-test.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const megabyte = 1024 * 1024;
const gigabyte = 1024 * megabyte;

/** What a process does: take deliveries, work on runs, or both. */
export type Role = 'start' | 'web' | 'worker';

/**
 * Builds everything, and serves webhooks, works on runs, or both, until SIGTERM or SIGINT. The only place where objects
 * are built.
 * @returns the exit code: 75 (EX_TEMPFAIL) when others took this worker for dead, and a new start is all it needs
 * @throws ConfigError, SandboxUnavailable
 */
export async function startPullwright(
  config: Config,
  role: Role,
  signals: NodeJS.EventEmitter,
): Promise<number> {
  const { privateKey, webhookSecret, anthropicApiKey, databaseUrl } = config;
  if (role !== 'start' && !databaseUrl)
    throw new ConfigError([`DATABASE_URL: expected a Postgres that web and workers share; it is not set`]);
  const secrets = [privateKey, webhookSecret, anthropicApiKey, ...passwordOf(databaseUrl)];
  const log = createLog(config.logLevel, secrets);
  const where = databaseUrl ? 'DATABASE_URL' : 'embedded Postgres';
  log.info({ role, home: config.home, database: where, github: config.webUrl }, 'pullwright starts');
  const agents = await loadAgents(config);
  const home = role === 'web' ? null : await lockHome(config.home);
  const sandboxes = role === 'web' ? null : await openSandboxes(config);
  const database = await openDatabase({ databaseUrl, home: config.home, log });
  // What was opened last is closed first, also when the start ends half way.
  let ready = false;
  const closing: (() => Promise<void>)[] = [
    async () => home?.release(),
    // Not a server that was here before a start that failed: whoever it is for may be what is in the way.
    () => database.close({ stopServer: ready || database.ownsServer }),
  ];
  const ends = [signalled(signals)];
  try {
    const queue = await openQueue(database.url);
    closing.push(() => queue.close());
    if (sandboxes) {
      const workerId = await readWorkerId(config.home);
      const lease = await takeLease(database.pool, workerId, config.workerDeadAfterMs, log);
      closing.push(() => lease.release());
      const watches = await buildStories({
        config,
        workerId,
        secrets,
        log,
        agents,
        sandboxes,
        database,
        lease,
      });
      const { pool, url } = database;
      const engine = await launchEngine({
        databaseUrl: url,
        pool,
        workerId,
        lease,
        deadAfterMs: config.workerDeadAfterMs,
        handedOver: (ids) => openRunStore(pool).forgiveAttempts(ids),
        log,
      });
      closing.push(() => engine.stop());
      const watching = watches(takeTrigger(pool, queue));
      closing.push(async () => {
        await Promise.all(watching.map((one) => one.stop()));
      });
      ends.push(lease.lost.then(() => 'lease lost'));
    }
    let port: number | undefined;
    if (role !== 'worker') {
      const web = await serve(config, createApp(takeTrigger(database.pool, queue), now), log);
      closing.push(() => web.stop());
      port = web.port;
    }
    log.info(
      { role, port, home: config.home, agents: agents.map(({ name }) => name) },
      'pullwright is ready',
    );
    ready = true;

    const because = await Promise.race(ends);
    log.info({ because }, 'stopping: runs go on at the step they are in, here or with another worker');
    return because === 'lease lost' ? 75 : 0;
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

function signalled(signals: NodeJS.EventEmitter): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT']) signals.once(name, () => resolve(name));
  });
}

/**
 * The delivery and the workflow that answers it are there together, or neither is. What was asked for before, by another
 * delivery or because it was found on the issue, is not asked for twice.
 */
function takeTrigger(pool: Pool, queue: Queue): TakeTrigger {
  return async (event, trigger) => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      const intake = openIntakeStore(client);
      await intake.lockIssue(trigger);
      const twin = await intake.findTwin(trigger);
      await openRunStore(client).recordDelivery(event, trigger);
      if (twin) await intake.recordTwin(trigger.deliveryId, twin);
      else await queue.enqueue(client, 'accept-trigger', `accept-${trigger.deliveryId}`, trigger);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  };
}

const now = () => new Date();

/** @throws SandboxUnavailable: no sandbox, no service */
async function openSandboxes(config: Config): Promise<Sandboxes> {
  const { memoryMb, processes, toolPaths } = config.sandbox;
  await mkdir(config.home, { recursive: true });
  // As root, the sandbox and the embedded Postgres run as others, who have to pass here. What is inside is closed.
  await chmod(config.home, 0o711);
  const folder = path.join(config.home, 'sandbox');
  const sandboxes = await createBubblewrap({
    folder,
    limits: {
      memoryBytes: memoryMb * megabyte,
      processes,
      fileBytes: 2 * gigabyte,
      tmpBytes: gigabyte,
    },
    passage: await findPassage([config.home, ...toolPaths, path.dirname(process.execPath)]),
    toolPaths,
    egress: config.egress.mode === 'none' ? null : await readRegistries(config),
  });
  await testSandbox(sandboxes, folder);
  return sandboxes;
}

/** @throws ConfigError */
async function readRegistries({ egress }: Config): Promise<Registries> {
  return findRegistries(egress.allow).catch((error: Error) => {
    throw new ConfigError([`EGRESS: expected to learn where packages come from; ${error.message}`]);
  });
}

/**
 * Puts the two stories together from their steps, each of them durable.
 * @returns starts what is done every so often
 */
async function buildStories(given: {
  config: Config;
  workerId: string;
  secrets: readonly string[];
  log: Log;
  agents: readonly Agent[];
  sandboxes: Sandboxes;
  database: Database;
  lease: WorkerLease;
}): Promise<(take: TakeTrigger) => Watch[]> {
  const { config, log, sandboxes, database } = given;
  const { confirm } = given.lease;
  // A worker that was taken for dead writes nothing more, neither here nor on GitHub.
  const store = openRunStore(fenced(database.pool, confirm));
  const github = createGitHub({ ...config, log, now, beforeRequest: confirm });
  const { grantGitAccess } = github;
  const liveValues = () => [...given.secrets, ...passwordOf(database.url), ...github.liveTokens()];
  const mirrors = openMirrors({
    folder: path.join(config.home, 'mirrors'),
    webUrl: config.webUrl,
    uid: sandboxes.uid,
    grantGitAccess,
  });
  const workspaces = openWorkspaces({
    folder: path.join(config.home, 'runs'),
    webUrl: config.webUrl,
    sandboxes,
    mirrors,
    checkpoints: store.checkpoints,
    grantGitAccess,
  });
  await workspaces.sweep(await store.liveRunIds());
  const publisher = createPublisher({ store, github, liveValues, log });
  const model = createModelClient({
    apiKey: config.anthropicApiKey,
    baseUrl: config.anthropicBaseUrl,
    silenceMs: config.modelSilenceMs,
    now,
  });
  const modelOf = (agent: Agent) => findModel(agent.model ?? config.model);

  const waiting = async (step: string, error: RetryLater, untilMs: number, about: unknown) => {
    const runId = runOf(about);
    log.warn({ step, run: runId, because: error.because, until: new Date(untilMs).toISOString() }, 'waiting');
    if (!runId) return;
    try {
      const event = { type: 'waiting', because: error.because, untilMs } as const;
      await store.appendEvent(runId, event, `waiting-${untilMs}`);
    } catch (cause) {
      // The database may be what is waited for. That people are not told of the wait must not end the run.
      log.warn({ run: runId, err: cause }, 'a wait could not be recorded');
    }
  };
  const parts = {
    ...given,
    store,
    github,
    mirrors,
    workspaces,
    publisher,
    liveValues,
    modelOf: (agent: Agent) => modelOf(agent).id,
    now,
  };
  const halfTurns = durable(
    createHalfTurns({ config, store, workspaces, model, modelOf, publisher }),
    waiting,
  );
  const implementSteps = {
    ...durable(createImplementIssueSteps(parts), waiting),
    work: createWork(config, halfTurns, modelOf),
  };
  const { findRun } = durable({ findRun: (id: string) => store.findRun(id) }, waiting);
  const implementing = defineWorkflow<string>(
    'implement-issue',
    {
      concurrency: config.concurrency,
      onePerPartition: true,
      mayGoOn: async (runId) => {
        if ((await store.countAttempt(runId)) <= maxAttempts) return true;
        await giveUp(runId, { store, publisher, workspaces, log });
        return false;
      },
    },
    async (runId) => {
      const run = await findRun(runId);
      if (!run) throw new Error(`there is no run ${runId}`);
      await implementIssue(run, implementSteps);
    },
  );
  const triggerSteps = createAcceptTriggerSteps({
    store,
    github,
    labels: config.labels,
    showProgress: (run) => publisher.showProgress(run.id),
    refuse: publisher.refuse,
    log,
    now,
  });
  const acceptSteps = {
    ...durable(triggerSteps, waiting),
    // Starting a workflow from a workflow is recorded by the engine itself.
    enqueue: ({ id, trigger }: { id: string; trigger: Trigger }) =>
      implementing.start(id, id, `${trigger.repository.id}#${trigger.issue.number}`),
  };
  defineWorkflow<Trigger>('accept-trigger', { concurrency: 20 }, (trigger) =>
    acceptTrigger(trigger, acceptSteps),
  );

  return (takeTrigger) => {
    const reconcileMs = config.reconcileMinutes * minuteMs;
    const redeliverMs = Math.min(2 * minuteMs, reconcileMs);
    const missed = createFindMissedSteps({
      store: openIntakeStore(fenced(database.pool, confirm)),
      github,
      labels: config.labels,
      takeTrigger,
      redeliverEveryMs: redeliverMs,
      log,
      now,
    });
    const housekeeping = createHousekeeping({
      ...config,
      database: fenced(database.pool, confirm),
      workflows: DBOS,
      store,
      mirrors,
      log,
      now,
    });
    const rounds: [string, number, (signal: AbortSignal) => Promise<void>][] = [
      ['ask for redelivery', redeliverMs, (signal) => askForRedelivery(missed, signal)],
      ['find what was missed', reconcileMs, (signal) => findMissed(missed, signal)],
      ['forget what is old', hourMs, () => housekeeping.forgetWhatIsOld()],
      // Every machine has its own.
      [`tidy mirrors of ${given.workerId}`, hourMs, () => housekeeping.tidyMirrors()],
    ];
    return rounds.map(([name, everyMs, round]) => watch({ name, everyMs, round, pool: database.pool, log }));
  };
}

/** So often in a row may a run's worker die at the same place before the run itself is ended. */
const maxAttempts = 5;

/** Ends a run that kills its workers. Not by steps: those before it would be replayed first. */
async function giveUp(
  runId: string,
  parts: { store: RunStore; publisher: Publisher; workspaces: Workspaces; log: Log },
): Promise<void> {
  const settlement = {
    kind: 'failed',
    because: `its worker died ${maxAttempts} times in a row at the same place, so it was ended. The log of the server says what happened there`,
  } as const;
  parts.log.error({ run: runId }, 'a run that kills its workers was ended');
  await parts.store.appendEvent(runId, { type: 'settled', settlement });
  await parts.publisher.showProgress(runId).catch((err: unknown) => {
    parts.log.warn({ run: runId, err }, 'the end of the run could not be written on its issue');
  });
  await parts.store.markSettled(runId, settlement);
  await parts.workspaces.discard(runId);
}

/** A pool that asks for leave before each query. */
function fenced(pool: Pool, confirm: () => Promise<void>): Pick<Pool, 'query'> {
  return {
    query: (async (sql: string, values: unknown[]) => {
      await confirm();
      return pool.query(sql, values);
    }) as Pool['query'],
  };
}

/** @throws ConfigError for a broken agent file, or a label that is mapped to an agent that is not there */
async function loadAgents(config: Config): Promise<Agent[]> {
  const { agents, faults } = await readAgents(config.agentsFolder).catch((error: Error) => {
    throw new ConfigError([`PULLWRIGHT_AGENTS: ${error.message}`]);
  });
  const unknown = Object.entries(config.labels)
    .filter(([, name]) => !agents.some((agent) => agent.name === name))
    .map(
      ([label, name]) =>
        `PULLWRIGHT_LABELS: expected an agent of ${config.agentsFolder} for the label "${label}"; found "${name}"`,
    );
  if (faults.length + unknown.length > 0)
    throw new ConfigError([...faults.map(({ message }) => message), ...unknown]);
  return agents;
}

/** The same after a restart: that is how this machine's unfinished runs are found again. */
async function readWorkerId(home: string): Promise<string> {
  const file = path.join(home, 'worker-id');
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const id = randomUUID();
    await writeFile(file, `${id}\n`);
    return id;
  }
}

/** The run that a step's first argument belongs to: a run, a task, or a run's id. */
function runOf(about: unknown): string | null {
  if (about === null || typeof about !== 'object') return null;
  if ('runId' in about) return String(about.runId);
  return 'status' in about && 'id' in about ? String(about.id) : null;
}

/** None where it is no secret: `postgres` stands in half of all backends, and would be withheld there as a credential. */
function passwordOf(url: string | null): string[] {
  if (!url || !URL.canParse(url)) return [];
  const { username, password } = new URL(url);
  const plain = decodeURIComponent(password);
  return isPlaceholder(plain, decodeURIComponent(username)) ? [] : [plain];
}
