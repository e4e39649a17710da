import { loadAgents } from './composition/agents.js';
import { findBotName } from './composition/bot-name.js';
import { type Closer, closeInOrder } from './composition/close-in-order.js';
import { lockHome } from './composition/lock-home.js';
import { loadModels } from './composition/models.js';
import { composeProvider } from './composition/provider.js';
import { composeSandboxes, readRegistries } from './composition/sandbox.js';
import { startWorker } from './composition/worker.js';
import { secretsOf } from './config/find-other-secrets.js';
import { type Config, ConfigError } from './config/read-config.js';
import { openDatabase } from './database/connection/open-database.js';
import { openQueue } from './engine/queue.js';
import { createLog, type Log } from './log.js';
import type { Provider } from './model/providers/provider.js';
import type { Registries } from './sandbox/sandbox.js';
import { createApp, type RecordTrigger } from './webhooks/create-app.js';
import { serve } from './webhooks/serve.js';
import { recordTrigger } from './workflows/accept-trigger/record-trigger.js';

/** The job of a process: `web` receives webhooks, `worker` works on runs, and `start` does both. */
export type Role = 'start' | 'web' | 'worker';

/**
 * Starts this process's services and runs them until SIGTERM or SIGINT.
 * @returns the exit code. It is 75 (EX_TEMPFAIL) if other workers declared this worker dead. A restart
 * resolves this problem. In all other cases, the exit code is 0.
 * @throws ConfigError, SandboxUnavailableError
 */
export async function startPullwright(
  config: Config,
  role: Role,
  signals: NodeJS.EventEmitter,
): Promise<number> {
  const { databaseUrl, home } = config;
  if (role !== 'start' && !databaseUrl)
    throw new ConfigError([
      'DATABASE_URL: expected the Postgres that web and worker processes share; it is not set',
    ]);
  // Registry settings can contain credentials. Read them before the log starts, so that the log can redact
  // them.
  const registries = role === 'web' ? null : await readRegistries(config);
  const provider = role === 'web' ? null : await composeProvider(config);
  const secrets = listSecrets(config, registries);
  const log = createLog(config.logLevel, secrets, undefined, provider?.activeSecrets);
  const database = databaseUrl ? 'DATABASE_URL' : 'embedded Postgres';
  log.info(
    { role, home, database, github: config.webUrl, provider: config.models.provider },
    'pullwright is starting',
  );

  const process: Process = { config, role, registries, provider, secrets, log, opened: [], isReady: false };
  const ends = [signalled(signals)];
  try {
    const { lost, ...ready } = await openProcess(process);
    if (lost) ends.push(lost.then(() => 'lease lost'));
    log.info({ role, home, ...ready }, 'pullwright is ready');
    process.isReady = true;

    const reason = await Promise.race(ends);
    log.info(
      { reason },
      'stopping; each run in progress will continue at its current step, on another worker or after a restart',
    );
    return reason === 'lease lost' ? 75 : 0;
  } finally {
    await closeInOrder(process.opened, log);
  }
}

interface Process {
  config: Config;
  role: Role;
  registries: Registries | null;
  /** The provider of the models. Null if this process does not work on runs. */
  provider: Provider | null;
  /** Credentials from the settings of this process. */
  secrets: readonly string[];
  log: Log;
  /** Functions that close the opened resources. They are called even if the start fails halfway. */
  opened: Closer[];
  isReady: boolean;
}

/**
 * Opens everything that the role of the process needs.
 * @returns `port`: the port of the web server. Null if this process has no web server.
 * `agents`: the names of the agents.
 * `lost`: resolves when other workers declare this worker dead. Null if this process has no worker.
 */
async function openProcess(
  process: Process,
): Promise<{ port: number | null; agents: string[]; lost: Promise<void> | null }> {
  const { config, role, registries, provider, secrets, log, opened } = process;
  const agents = await loadAgents(config);
  const findModel = await loadModels(config, agents, new Date());
  for (const { setting } of registries?.credentials ?? [])
    log.warn(
      { setting },
      'the URL of this registry contains a credential; setup commands get the URL without it',
    );
  if (role !== 'web') {
    const lock = await lockHome(config.home);
    opened.push(['the lock of PULLWRIGHT_HOME', () => lock.release()]);
  }
  const sandboxes = role === 'web' ? null : await composeSandboxes(config, registries, log);
  const database = await openDatabase({ ...config, log });
  // If the start fails, do not stop an embedded Postgres that was already running, because another process
  // may be using it.
  const close = () => database.close({ stopServer: process.isReady || database.ownsServer });
  opened.push(['the database', close]);
  const supervisor = database.superviseServer();
  opened.push(['the supervisor of the embedded Postgres', async () => supervisor?.stop()]);
  const queue = await openQueue(database.url, log);
  opened.push(['the queue', () => queue.close()]);

  const known = [...secrets, ...passwordOf(database.url)];
  const worker =
    sandboxes && provider
      ? await startWorker({
          config,
          secrets: known,
          agents,
          findModel,
          provider,
          sandboxes,
          registries,
          database,
          queue,
          log,
          opened,
        })
      : null;
  const names = agents.map(({ name }) => name);
  if (role === 'worker') return { port: null, agents: names, lost: worker?.lost ?? null };

  const now = () => new Date();
  const record: RecordTrigger = (event, trigger) => recordTrigger(database.pool, queue, event, trigger);
  const app = createApp(record, now, findBotName(config, log, now));
  const web = await serve(config, app, log);
  opened.push(['the web server', () => web.stop()]);
  return { port: web.port, agents: names, lost: worker?.lost ?? null };
}

function signalled(signals: NodeJS.EventEmitter): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT']) signals.once(name, () => resolve(name));
  });
}

/** Lists every credential in the settings of this process. */
function listSecrets(config: Config, registries: Registries | null): string[] {
  return [
    config.privateKey,
    config.webhookSecret,
    ...[config.databaseUrl, config.webhookProxyUrl].flatMap(passwordOf),
    ...(registries?.credentials ?? []).flatMap(secretsOf),
    ...config.modelProvider.secrets,
    ...config.mcp.secrets,
    ...config.otherSecrets,
  ];
}

function passwordOf(url: string | null | undefined): string[] {
  return url && URL.canParse(url) ? secretsOf(new URL(url)) : [];
}
