import path from 'node:path';
import { createModelClient } from '../agent/model.js';
import { findModel } from '../agent/models.js';
import type { Config } from '../config/read-config.js';
import { explainDatabaseError } from '../database/connection/explain-database-error.js';
import { inTransaction } from '../database/connection/in-transaction.js';
import type { Database } from '../database/connection/open-database.js';
import { openControlStore } from '../database/control-store.js';
import { openIntakeStore } from '../database/intake-store.js';
import { openOutputStore } from '../database/output-store.js';
import { openRunStore, type Run } from '../database/run-store.js';
import { openSteeringStore } from '../database/steering-store.js';
import { fenced, type WorkerLease } from '../engine/lease.js';
import type { PeriodicJob } from '../engine/periodic-job.js';
import type { Queue } from '../engine/queue.js';
import { durable } from '../engine/steps.js';
import { defineWorkflow } from '../engine/workflow.js';
import { createGitHub } from '../github/github.js';
import type { Log } from '../log.js';
import { chooseEgress, type EgressRules } from '../sandbox/egress/choose-egress.js';
import type { Sandboxes } from '../sandbox/sandbox.js';
import { openSecretSearch } from '../secrets/old/open-secret-search.js';
import type { Agent } from '../task/agent-file.js';
import type { Trigger } from '../task/task.js';
import type { RecordTrigger } from '../webhooks/create-app.js';
import { acceptTrigger } from '../workflows/accept-trigger/accept-trigger.js';
import { createAdmissionControl } from '../workflows/accept-trigger/admission-control.js';
import { createIsRelevant } from '../workflows/accept-trigger/is-relevant.js';
import { createAcceptTriggerSteps } from '../workflows/accept-trigger/steps.js';
import { answerReview } from '../workflows/answer-review/answer-review.js';
import { createAnswerReviewSteps } from '../workflows/answer-review/steps.js';
import { implementIssue } from '../workflows/implement-issue/implement-issue.js';
import { createImplementIssueSteps } from '../workflows/implement-issue/steps.js';
import { obeyCommand } from '../workflows/obey-command/obey-command.js';
import { createObeyCommandSteps } from '../workflows/obey-command/steps.js';
import { createHalfTurns, createWork } from '../workflows/run/agent-steps.js';
import { createCrashLoopGuard, maxAttempts } from '../workflows/run/crash-loop-guard.js';
import { endRun } from '../workflows/run/end-run.js';
import { createPublisher } from '../workflows/run/publisher.js';
import { readTranscript } from '../workflows/run/read-transcript.js';
import { createRecordWait } from '../workflows/run/record-wait.js';
import { restartRun } from '../workflows/run/restart-run.js';
import { createSteering } from '../workflows/run/steering.js';
import { createStops, stoppable } from '../workflows/run/stops.js';
import { openMirrors } from '../workspace/open-mirrors.js';
import { openWorkspaces } from '../workspace/open-workspaces.js';
import { createPeriodicJobs } from './jobs.js';

const now = () => new Date();

/**
 * Puts the two stories together from their steps, each of them durable.
 * @returns starts what is done every so often
 */
export async function buildWorkflows(given: {
  config: Config;
  workerId: string;
  secrets: readonly string[];
  log: Log;
  agents: readonly Agent[];
  sandboxes: Sandboxes;
  egress: EgressRules;
  database: Database;
  queue: Queue;
  lease: WorkerLease;
}): Promise<(take: RecordTrigger) => PeriodicJob[]> {
  const { config, log, sandboxes, database } = given;
  const { confirm } = given.lease;
  // A worker that was taken for dead writes nothing more, neither here nor on GitHub.
  const store = openRunStore(fenced(database.pool, confirm));
  const outputs = openOutputStore(fenced(database.pool, confirm));
  const search = openSecretSearch(new URL('../secrets/old/search-worker.js', import.meta.url));
  const github = createGitHub({
    ...config,
    log,
    now,
    beforeRequest: confirm,
    holdsSecret: async (text) => (await search(text, activeSecrets())).length > 0,
  });
  const { grantGitAccess } = github;
  const activeSecrets = (): string[] => [...given.secrets, ...github.liveTokens()];
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
  const publisher = createPublisher({ store, github, activeSecrets, log });
  const model = createModelClient({
    apiKey: config.anthropicApiKey,
    baseUrl: config.anthropicBaseUrl,
    silenceMs: config.modelIdleTimeoutMs,
    now,
  });
  const modelOf = (agent: Agent) => findModel(agent.model ?? config.model);

  const waiting = createRecordWait(store, log);
  const control = openControlStore(fenced(database.pool, confirm));
  const steering = createSteering(openSteeringStore(fenced(database.pool, confirm)), store);
  const parts = {
    ...given,
    store,
    control,
    steering,
    github,
    mirrors,
    workspaces,
    publisher,
    model,
    activeSecrets,
    search,
    modelOf: (agent: Agent) => modelOf(agent).id,
    readTranscript: async (runId: string) => readTranscript(await given.queue.readSteps(runId)),
    now,
  };
  const stops = createStops({ control, workspaces, log });
  const halfTurns = durable(
    createHalfTurns({ config, store, outputs, workspaces, model, modelOf, publisher, stops, steering }),
    waiting,
  );
  const work = createWork(config, halfTurns, modelOf);
  const undurable = stoppable(createImplementIssueSteps(parts), stops, [
    'start',
    'readTask',
    'prepareWorkspace',
    'runTestsBefore',
    'openConversation',
    'findChange',
    'runTestsAfter',
    'compareTests',
    'proveTests',
    'scanChange',
    'push',
  ]);
  const implementSteps = { ...durable(undurable, waiting), work };
  const { findRun, findEnd } = durable(
    { findRun: (id: string) => store.findRun(id), findEnd: (id: string) => store.findEnd(id) },
    waiting,
  );
  const mustFindRun = async (id: string): Promise<Run> => {
    const run = await findRun(id);
    if (!run) throw new Error(`there is no run ${id}`);
    return run;
  };
  /** Not from within the workflow that asks for it: it would be a step there, and change what is replayed. */
  const startApart = async (workflow: string, id: string, input: unknown) => {
    await confirm();
    try {
      await inTransaction(database.pool, (client) => given.queue.enqueue(client, workflow, id, input));
    } catch (error) {
      throw explainDatabaseError(error);
    }
  };
  const attempt = createCrashLoopGuard(store);
  // One queue for both stories: what is said of a pull request waits until its run has ended.
  defineWorkflow<string>(
    'work-on-run',
    {
      concurrency: config.concurrency,
      pollEveryMs: 500,
      onePerPartition: true,
      mayContinue: async (runId) => {
        if (await attempt(runId)) return true;
        log.error({ run: runId }, 'a run that kills its workers is ended');
        const input: EndOfRun = { runId, reason: killedItsWorkers };
        await startApart('end-run', `end-${runId}`, input);
        return false;
      },
      replaceOutdated: async (runId) => {
        const run = await store.findRun(runId);
        if (run?.status === 'running') {
          const input: EndOfRun = { runId, reason: begunByAnotherVersion };
          await startApart('restart-run', `restart-${runId}`, input);
        }
        // One that is still in line begins anew as it is.
        return run?.status !== 'queued';
      },
    },
    async (runId) => {
      const run = await mustFindRun(runId);
      // Stopped while it stood in line.
      if (run.status === 'settled') return;
      await (run.workflow === 'answer-review'
        ? answerReview(run, reviewSteps)
        : implementIssue(run, implementSteps));
    },
  );
  const admissionControl = createAdmissionControl({
    pool: database.pool,
    enqueue: async (client, id) => {
      await confirm();
      const run = await openRunStore(client).findRun(id);
      if (!run) throw new Error(`there is no run ${id}`);
      const partition = `${run.trigger.repository.id}#${run.issueNumber}`;
      await given.queue.enqueue(client, 'work-on-run', id, id, partition);
    },
    store,
    showProgress: publisher.showProgress,
    limits: config.limits,
    budget: config.budget,
    log,
    now,
  });
  const intake = openIntakeStore(fenced(database.pool, confirm));
  defineWorkflow<EndOfRun>('end-run', { concurrency: 20, pollEveryMs: 2000 }, async ({ runId, reason }) => {
    const run = await mustFindRun(runId);
    await endRun(run, (await findEnd(runId)) ?? { kind: 'failed', reason }, implementSteps);
  });
  const triggerSteps = createAcceptTriggerSteps({
    store,
    intake,
    github,
    control,
    steering,
    config,
    admissionControl,
    isRelevant: createIsRelevant({ github, control, config, labels: config.labels, log, now }),
    showProgress: (run) => publisher.showProgress(run.id),
    refuse: publisher.refuse,
    log,
  });
  const acceptSteps = durable(triggerSteps, waiting);
  const ofReviews = stoppable(createAnswerReviewSteps(parts), stops, ['start', 'readTask']);
  const reviewSteps = {
    ...durable({ ...undurable, ...ofReviews }, waiting),
    ...acceptSteps,
    work,
  };
  const commandSteps = {
    ...acceptSteps,
    ...durable(
      createObeyCommandSteps({ store, control, github, publisher, wake: given.queue.wake, log }),
      waiting,
    ),
  };
  // Somebody looks at their issue for an answer.
  defineWorkflow<Trigger>('accept-trigger', { concurrency: 20, pollEveryMs: 200 }, (trigger) =>
    trigger.kind === 'control' || trigger.kind === 'end'
      ? obeyCommand(trigger, commandSteps)
      : acceptTrigger(trigger, acceptSteps),
  );
  const restartSteps = { ...implementSteps, ...acceptSteps, findEnd };
  defineWorkflow<EndOfRun>('restart-run', { concurrency: 20, pollEveryMs: 2000 }, async ({ runId, reason }) =>
    restartRun(await mustFindRun(runId), reason, restartSteps),
  );

  return createPeriodicJobs({
    config,
    workerId: given.workerId,
    database: fenced(database.pool, confirm),
    pool: database.pool,
    store,
    intake,
    control,
    github,
    publisher,
    admissionControl,
    mirrors,
    workspaces,
    endRun: (runId) => startApart('end-run', `end-${runId}`, { runId, reason: brokenOff }),
    log,
    now,
  });
}

const killedItsWorkers = `its worker died ${maxAttempts} times in a row at the same place, so it was ended. The log of the server says what happened there`;

const brokenOff = 'it broke off by a fault of Pullwright itself. The log of the server says what happened';

const begunByAnotherVersion =
  'Pullwright was upgraded in the middle of it, to a version that cannot go on with what the other had begun. Another run of the same request starts by itself';

/** Of a run whose own story cannot go on. */
interface EndOfRun {
  runId: string;
  reason: string;
}
