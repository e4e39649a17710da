import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Pool } from 'pg';
import { closeInOrder } from './composition/close-in-order.js';
import { lockHome } from './composition/lock-home.js';
import { buildWorkflows } from './composition/workflows.js';
import { secretsOf } from './config/find-other-secrets.js';
import { type Config, ConfigError } from './config/read-config.js';
import { inTransaction } from './database/connection/in-transaction.js';
import { openDatabase } from './database/connection/open-database.js';
import { openControlStore } from './database/control-store.js';
import { openIntakeStore } from './database/intake-store.js';
import { openRunStore } from './database/run-store.js';
import { launchEngine } from './engine/engine.js';
import { takeLease } from './engine/lease.js';
import { openQueue, type Queue } from './engine/queue.js';
import { createLog, type Log } from './log.js';
import { createSandboxes } from './sandbox/create-sandboxes.js';
import { findRegistries, type Registries } from './sandbox/egress/registries.js';
import { findNamespaceWrapper } from './sandbox/process/namespace-wrapper.js';
import type { Sandboxes, SandboxLimits } from './sandbox/sandbox.js';
import { testSandbox } from './sandbox/self-test.js';
import { type Agent, readAgents } from './task/agent-file.js';
import { createApp, type RecordTrigger } from './webhooks/create-app.js';
import { serve } from './webhooks/serve.js';

const megabyte = 1024 * 1024;
const gigabyte = 1024 * megabyte;

/** What a process does: take deliveries, work on runs, or both. */
export type Role = 'start' | 'web' | 'worker';

/**
 * Builds everything, and serves webhooks, works on runs, or both, until SIGTERM or SIGINT. Here and in build-stories.ts
 * are the only places where objects are built.
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
  // Before anything is logged: they may hold what must not be.
  const registries = role === 'web' ? null : await readRegistries(config);
  const secrets = [
    privateKey,
    webhookSecret,
    anthropicApiKey,
    ...passwordOf(databaseUrl),
    ...(registries?.credentials ?? []).flatMap(secretsOf),
    ...config.otherSecrets,
  ];
  const log = createLog(config.logLevel, secrets);
  const where = databaseUrl ? 'DATABASE_URL' : 'embedded Postgres';
  log.info({ role, home: config.home, database: where, github: config.webUrl }, 'pullwright starts');
  const agents = await loadAgents(config);
  const home = role === 'web' ? null : await lockHome(config.home);
  for (const { setting } of registries?.credentials ?? [])
    log.warn({ setting }, 'set-ups are not given the credential in this URL, and ask its registry without');
  const sandboxes = role === 'web' ? null : await openSandboxes(config, registries, log);
  const database = await openDatabase({ databaseUrl, home: config.home, log });
  // What was opened last is closed first, also when the start ends half way.
  let ready = false;
  const opened: [string, () => Promise<void>][] = [
    ['the lock of the home', async () => home?.release()],
    // Not a server that was here before a start that failed: whoever it is for may be what is in the way.
    ['the database', () => database.close({ stopServer: ready || database.ownsServer })],
  ];
  const keeper = database.superviseServer();
  opened.push(['the keeper of the embedded Postgres', async () => keeper?.stop()]);
  const ends = [signalled(signals)];
  try {
    const queue = await openQueue(database.url, log);
    opened.push(['the queue', () => queue.close()]);
    if (sandboxes) {
      const workerId = await readWorkerId(config.home);
      const lease = await takeLease(database.pool, workerId, config.workerDeadAfterMs, log);
      opened.push(['the lease', () => lease.release()]);
      const jobs = await buildWorkflows({
        config,
        workerId,
        secrets: [...secrets, ...passwordOf(database.url)],
        log,
        agents,
        sandboxes,
        egress: { ...config.egress, registries: registries?.hosts ?? null },
        database,
        queue,
        lease,
      });
      const { pool, url } = database;
      const engine = await launchEngine({
        databaseUrl: url,
        pool,
        workerId,
        lease,
        deadAfterMs: config.workerDeadAfterMs,
        onHandedOver: (ids) => openRunStore(pool).forgiveAttempts(ids),
        log,
      });
      opened.push(['the engine', () => engine.stop()]);
      const watching = jobs(recordTrigger(pool, queue));
      const stopWatching = async () => {
        await Promise.all(watching.map((one) => one.stop()));
      };
      opened.push(['the watches', stopWatching]);
      ends.push(lease.lost.then(() => 'lease lost'));
    }
    let port: number | undefined;
    if (role !== 'worker') {
      const web = await serve(config, createApp(recordTrigger(database.pool, queue), now), log);
      opened.push(['the web server', () => web.stop()]);
      port = web.port;
    }
    log.info(
      { role, port, home: config.home, agents: agents.map(({ name }) => name) },
      'pullwright is ready',
    );
    ready = true;

    const reason = await Promise.race(ends);
    log.info({ reason }, 'stopping: runs go on at the step they are in, here or with another worker');
    return reason === 'lease lost' ? 75 : 0;
  } finally {
    await closeInOrder(opened, log);
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
function recordTrigger(pool: Pool, queue: Queue): RecordTrigger {
  return (event, trigger) =>
    inTransaction(pool, async (client) => {
      if (!(await openControlStore(client).isOurs(trigger))) return false;
      const intake = openIntakeStore(client);
      await intake.lockIssue(trigger);
      const duplicate = await intake.findDuplicate(trigger);
      await openRunStore(client).recordDelivery(event, trigger);
      if (duplicate) await intake.recordDuplicate(trigger.deliveryId, duplicate);
      else await queue.enqueue(client, 'accept-trigger', `accept-${trigger.deliveryId}`, trigger);
      return true;
    });
}

const now = () => new Date();

/** @throws SandboxUnavailable: no sandbox, no service */
async function openSandboxes(config: Config, registries: Registries | null, log: Log): Promise<Sandboxes> {
  const { sandbox, home } = config;
  await mkdir(home, { recursive: true });
  // As root, the sandbox and the embedded Postgres run as others, who have to pass here. What is inside is closed.
  await chmod(home, 0o711);
  const folder = path.join(home, 'sandbox');
  const wrapper = await findNamespaceWrapper([home, ...sandbox.toolPaths, path.dirname(process.execPath)]);
  const packages = registries ?? { environment: {}, files: [] };
  const limits = limitsOf(sandbox);
  const egressProgram = fileURLToPath(new URL('./sandbox/egress/egress-program.js', import.meta.url));
  const options = { ...sandbox, folder, limits, wrapper, packages, egressProgram };
  const { sandboxes, bounds } = await createSandboxes(options);
  const { claims, durationMs } = await testSandbox(sandboxes, folder);
  log.info({ sandbox: sandbox.backend, bounds, claims, durationMs }, 'the sandbox was tried');
  if (sandboxes.warning) log.warn({ sandbox: sandbox.backend }, sandboxes.warning);
  return sandboxes;
}

function limitsOf(sandbox: Config['sandbox']): SandboxLimits {
  return {
    memoryBytes: sandbox.memoryMb * megabyte,
    processes: sandbox.processes,
    fileBytes: Math.min(2 * gigabyte, sandbox.diskMb * megabyte),
    tmpBytes: gigabyte,
    diskBytes: sandbox.diskMb * megabyte,
    diskFiles: sandbox.files,
    outputBytes: sandbox.outputMb * megabyte,
    timeMs: sandbox.commandMinutes * 60_000,
  };
}

/** @throws ConfigError */
async function readRegistries({ egress }: Config): Promise<Registries | null> {
  if (egress.mode === 'none') return null;
  return findRegistries().catch((error: Error) => {
    throw new ConfigError([`EGRESS: expected to learn where packages come from; ${error.message}`]);
  });
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

function passwordOf(url: string | null): string[] {
  return url && URL.canParse(url) ? secretsOf(new URL(url)) : [];
}
