import path from 'node:path';
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Pool } from 'pg';
import { createModelClient } from './agent/model.js';
import { findModel } from './agent/models.js';
import type { TakeTrigger } from './app.js';
import type { Config } from './config.js';
import { defineWorkflow, durable } from './engine/engine.js';
import type { Database } from './engine/open-database.js';
import { type Watch, watch } from './engine/watch.js';
import type { WorkerLease } from './engine/worker-lease.js';
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
import type { Log } from './log.js';
import { openIntakeStore } from './runs/intake-store.js';
import type { RetryLater } from './runs/retry-later.js';
import { openRunStore, type RunStore } from './runs/run-store.js';
import type { Agent } from './task/agent-file.js';
import type { Trigger } from './task/task.js';
import { chooseEgress, type EgressRules } from './workspace/choose-egress.js';
import { openMirrors } from './workspace/mirror.js';
import { openWorkspaces, type Workspaces } from './workspace/open-workspaces.js';
import type { Sandboxes } from './workspace/sandbox.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const now = () => new Date();

/**
 * Puts the two stories together from their steps, each of them durable.
 * @returns starts what is done every so often
 */
export async function buildStories(given: {
  config: Config;
  workerId: string;
  secrets: readonly string[];
  log: Log;
  agents: readonly Agent[];
  sandboxes: Sandboxes;
  egress: EgressRules;
  database: Database;
  lease: WorkerLease;
}): Promise<(take: TakeTrigger) => Watch[]> {
  const { config, log, sandboxes, database } = given;
  const { confirm } = given.lease;
  // A worker that was taken for dead writes nothing more, neither here nor on GitHub.
  const store = openRunStore(fenced(database.pool, confirm));
  const github = createGitHub({ ...config, log, now, beforeRequest: confirm });
  const { grantGitAccess } = github;
  const liveValues = () => [...given.secrets, ...github.liveTokens()];
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
    egressOf: (repository, asked) => chooseEgress(given.egress, repository, asked),
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

/** The run that a step's first argument belongs to: a run, a task, or a run's id. */
function runOf(about: unknown): string | null {
  if (about === null || typeof about !== 'object') return null;
  if ('runId' in about) return String(about.runId);
  return 'status' in about && 'id' in about ? String(about.id) : null;
}
