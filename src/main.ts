import { loadAgents } from './composition/agents.js';
import { type Closer, closeInOrder } from './composition/close-in-order.js';
import { lockHome } from './composition/lock-home.js';
import { composeSandboxes, readRegistries } from './composition/sandbox.js';
import { startWorker } from './composition/worker.js';
import { secretsOf } from './config/find-other-secrets.js';
import { type Config, ConfigError } from './config/read-config.js';
import { openDatabase } from './database/connection/open-database.js';
import { openQueue } from './engine/queue.js';
import { createLog } from './log.js';
import type { Registries } from './sandbox/sandbox.js';
import { createApp } from './webhooks/create-app.js';
import { serve } from './webhooks/serve.js';
import { recordTrigger } from './workflows/accept-trigger/record-trigger.js';

/** What a process does: receive webhooks, work on runs, or (`start`) both. */
export type Role = 'start' | 'web' | 'worker';

/**
 * Builds the process, and runs it until SIGTERM or SIGINT.
 * @returns the exit code: 75 (EX_TEMPFAIL) if other workers declared this one dead, which a restart resolves
 * @throws ConfigError, SandboxUnavailableError
 */
export async function startPullwright(
  config: Config,
  role: Role,
  signals: NodeJS.EventEmitter,
): Promise<number> {
  const { databaseUrl, home: homeFolder } = config;
  if (role !== 'start' && !databaseUrl)
    throw new ConfigError([
      'DATABASE_URL: expected the Postgres that web and worker processes share; it is not set',
    ]);
  const isWorker = role !== 'web';
  // Before anything is logged, because registries may hold credentials.
  const registries = isWorker ? await readRegistries(config) : null;
  const secrets = listSecrets(config, registries);
  const log = createLog(config.logLevel, secrets);
  const database = databaseUrl ? 'DATABASE_URL' : 'embedded Postgres';
  log.info({ role, home: homeFolder, database, github: config.webUrl }, 'pullwright is starting');

  const agents = await loadAgents(config);
  for (const { setting } of registries?.credentials ?? [])
    log.warn({ setting }, 'setup does not get the credential in this URL, and asks its registry without it');
  const opened: Closer[] = [];
  let isReady = false;
  try {
    if (isWorker) {
      const home = await lockHome(homeFolder);
      opened.push(['the lock of PULLWRIGHT_HOME', () => home.release()]);
    }
    const sandboxes = isWorker ? await composeSandboxes(config, registries, log) : null;
    const db = await openDatabase({ databaseUrl, home: homeFolder, log });
    // A start that fails leaves a server running that it did not start: another process may be using it.
    opened.push(['the database', () => db.close({ stopServer: isReady || db.ownsServer })]);
    const supervisor = db.superviseServer();
    opened.push(['the supervisor of the embedded Postgres', async () => supervisor?.stop()]);
    const queue = await openQueue(db.url, log);
    opened.push(['the queue', () => queue.close()]);

    const ends = [signalled(signals)];
    if (sandboxes) {
      const egress = {
        registries: registries?.hosts ?? null,
        allow: config.egress.allow,
        requestable: config.egress.askable,
        deniedRepositories: config.egress.closed,
      };
      const all = [...secrets, ...passwordOf(db.url)];
      const parts = { config, secrets: all, agents, sandboxes, egress, database: db, queue, log, opened };
      const { lost } = await startWorker(parts);
      ends.push(lost.then(() => 'lease lost'));
    }
    let port: number | undefined;
    if (role !== 'worker') {
      const app = createApp(
        (event, trigger) => recordTrigger(db.pool, queue, event, trigger),
        () => new Date(),
      );
      const web = await serve(config, app, log);
      opened.push(['the web server', () => web.stop()]);
      port = web.port;
    }
    const names = agents.map(({ name }) => name);
    log.info({ role, port, home: homeFolder, agents: names }, 'pullwright is ready');
    isReady = true;

    const reason = await Promise.race(ends);
    log.info({ reason }, 'stopping: runs continue at the step they are in, here or on another worker');
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

/** Every credential that this process knows from its settings. */
function listSecrets(config: Config, registries: Registries | null): string[] {
  return [
    config.privateKey,
    config.webhookSecret,
    config.anthropicApiKey,
    ...passwordOf(config.databaseUrl),
    ...(registries?.credentials ?? []).flatMap(secretsOf),
    ...config.otherSecrets,
  ];
}

function passwordOf(url: string | null): string[] {
  return url && URL.canParse(url) ? secretsOf(new URL(url)) : [];
}
