import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../config/read-config.js';
import { forgiveAttempts } from '../database/attempts.js';
import { loadCheckpoint, saveCheckpoint } from '../database/checkpoints.js';
import type { Database } from '../database/connection/open-database.js';
import { listLiveRunIds } from '../database/runs.js';
import { launchEngine } from '../engine/engine.js';
import { fenced, takeLease } from '../engine/lease.js';
import type { Queue } from '../engine/queue.js';
import { createImageEncoder } from '../images/image-encoder.js';
import type { Log } from '../log.js';
import { createMcpServers } from '../mcp/mcp-servers.js';
import { createModelClient } from '../model/create-model-client.js';
import type { FindModel } from '../model/models.js';
import type { Provider } from '../model/providers/provider.js';
import {
  chooseEgress,
  type EgressRules,
  egressRules,
  type Registries,
  type Sandboxes,
} from '../sandbox/sandbox.js';
import { holdsActiveSecret } from '../secrets/find-secrets.js';
import type { Agent } from '../task/agent-file.js';
import { recordTrigger } from '../workflows/accept-trigger/record-trigger.js';
import type { Dependencies } from '../workflows/dependencies.js';
import { openMirrors } from '../workspace/mirrors/open-mirrors.js';
import { openWorkspaces } from '../workspace/open-workspaces.js';
import type { Closer } from './close-in-order.js';
import { createFindSibling } from './find-sibling.js';
import { composeGitHub } from './github.js';
import { startJobs } from './jobs.js';
import { composeProvide } from './provide.js';
import { defineWorkflows } from './workflows.js';

const now = () => new Date();

/**
 * Starts this process as a worker, which works on runs.
 * @param options.opened a list to which this function adds, for each resource that it opens, a function that
 * closes the resource. If the start fails halfway, the list contains what was opened until then.
 * @returns the promise `lost`, which resolves when other workers have declared this worker dead
 */
export async function startWorker(options: {
  config: Config;
  /** The credentials of this process. */
  secrets: readonly string[];
  agents: readonly Agent[];
  findModel: FindModel;
  provider: Provider;
  sandboxes: Sandboxes;
  registries: Registries | null;
  database: Database;
  queue: Queue;
  log: Log;
  opened: Closer[];
}): Promise<{ lost: Promise<void> }> {
  const { config, database, queue, log, opened } = options;
  const { pool } = database;
  const workerId = await readWorkerId(config.home);
  const lease = await takeLease(pool, workerId, config.workerDeadAfterMs, log);
  opened.push(['the lease', () => lease.release()]);

  const egress = egressRules(config.egress, options.registries);
  const d = await composeDependencies({ ...options, egress, workerId, confirmLease: lease.confirm });
  opened.push(['the MCP servers', () => d.mcp.closeAll()]);
  const { endCrashedRun } = defineWorkflows(d);
  const engine = await launchEngine({
    databaseUrl: database.url,
    pool,
    workerId,
    lease,
    deadAfterMs: config.workerDeadAfterMs,
    onHandedOver: (ids) => forgiveAttempts(pool, ids),
    log,
  });
  opened.push(['the engine', () => engine.stop()]);

  const record = (event: string, trigger: Parameters<typeof recordTrigger>[3]) =>
    recordTrigger(pool, queue, event, trigger);
  const jobs = startJobs(d, { endCrashedRun, recordTrigger: record });
  opened.push(['the recurring jobs', async () => void (await Promise.all(jobs.map((job) => job.stop())))]);
  return { lost: lease.lost };
}

async function composeDependencies(options: {
  config: Config;
  workerId: string;
  secrets: readonly string[];
  agents: readonly Agent[];
  findModel: FindModel;
  provider: Provider;
  sandboxes: Sandboxes;
  egress: EgressRules;
  database: Database;
  queue: Queue;
  confirmLease: () => Promise<void>;
  log: Log;
}): Promise<Dependencies> {
  const { config, workerId, agents, sandboxes, queue, confirmLease, log } = options;
  const { pool } = options.database;
  const db = fenced(pool, confirmLease);
  const secrets = () => [...options.secrets, ...options.provider.activeSecrets()];
  const github = composeGitHub({ config, db, secrets, confirmLease, log, now });
  const { grantGitAccess } = github.github;
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
    checkpoints: {
      save: (runId, commit, bundle) => saveCheckpoint(db, runId, commit, bundle),
      load: (runId, commit) => loadCheckpoint(db, runId, commit),
    },
    grantGitAccess,
    findSibling: createFindSibling(github.github, config.submodules),
    egressOf: (repository, asked) => chooseEgress(options.egress, repository, asked),
    provide: composeProvide({ config, sandboxes }),
  });
  // Remove the workspaces of runs that ended on another worker while this worker was down.
  await workspaces.sweep(await listLiveRunIds(db));
  const model = createModelClient({
    provider: options.provider,
    say: (statement) => log.warn({ provider: config.models.provider }, statement),
    idleTimeoutMs: config.modelIdleTimeoutMs,
    replyTimeoutMs: config.modelReplyTimeoutMs,
    now,
  });
  const mcp = createMcpServers({
    rules: { servers: config.mcp.servers, forRepositories: config.repositoryAgents.mcpServers },
    redact: github.publisher.redact,
    holdsSecret: (text) => holdsActiveSecret(text, github.activeSecrets()),
  });
  return {
    config,
    workerId,
    db,
    pool,
    confirmLease,
    queue,
    ...github,
    mirrors,
    workspaces,
    agents,
    mcp,
    encodeImage: createImageEncoder(),
    model,
    findModel: options.findModel,
    log,
    now,
  };
}

/**
 * Reads the worker's id from `home`. Creates the id if there is none. The id stays the same across restarts,
 * so that a worker finds its own unfinished runs.
 */
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
