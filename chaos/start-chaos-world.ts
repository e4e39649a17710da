import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { type LocalGitHub, startLocalGitHub } from '../local-github/local-github.js';
import { type ScriptedModel, startScriptedModel } from '../scripted-model/scripted-model.js';
import { appEnvironment, webhookSecret } from '../test/support/start-app.js';
import { createTemporaryFolder } from '../test/support/temporary-folder.js';
import { findLeftProcesses, isListening } from './find-leftovers.js';
import { type ChaosDatabase, startDatabase } from './start-database.js';
import { SupervisedApp } from './supervised-app.js';

/** The real app, its database, the local GitHub and the scripted model. All their files are in one folder. */
export interface ChaosWorld {
  app: SupervisedApp;
  database: ChaosDatabase;
  github: LocalGitHub;
  model: ScriptedModel;
  /** Opens a database connection for `body` and closes it afterwards. */
  withDatabase<T>(body: (client: pg.Client) => Promise<T>): Promise<T>;
  /** Stops everything in an orderly way. @returns a description of each leftover */
  stop(): Promise<string[]>;
  /** Stops everything immediately, in any state. Does nothing after `stop`. */
  abandon(): Promise<void>;
}

/** All worlds that this process tried to start. */
const worlds: Promise<ChaosWorld>[] = [];

/** Stops all worlds after an interruption. */
export async function abandonWorlds(): Promise<void> {
  for (const result of await Promise.allSettled(worlds))
    if (result.status === 'fulfilled') await result.value.abandon();
}

/**
 * Starts a world.
 * @param concurrency number of runs that the app works on at the same time
 */
export function startChaosWorld(concurrency: number): Promise<ChaosWorld> {
  const world = startWorld(concurrency);
  worlds.push(world);
  return world;
}

interface Folders {
  root: string;
  home: string;
  /**
   * Folder for the app's temporary files. No other program uses it, so any file left in it comes from the
   * app.
   */
  temporary: string;
}

async function startWorld(concurrency: number): Promise<ChaosWorld> {
  const folder = await createTemporaryFolder('pullwright-chaos-');
  const folders: Folders = {
    root: folder.path,
    home: path.join(folder.path, 'home'),
    temporary: path.join(folder.path, 'tmp'),
  };
  await mkdir(folders.temporary, { mode: 0o777 });
  const [database, github, model] = await Promise.all([
    startDatabase(path.join(folder.path, 'postgres')),
    startLocalGitHub({ folder: path.join(folder.path, 'github') }),
    startScriptedModel(),
  ]);
  const app = new SupervisedApp({
    environment: chaosEnvironment(github, model, database, folders, concurrency),
    onMove: (url) => github.setWebhook(url, webhookSecret),
    databaseChanges: () => database.changes,
  });
  const stopServers = () => Promise.all([github.stop(), model.stop(), database.stop()]);
  let ended = false;
  const world: ChaosWorld = {
    app,
    database,
    github,
    model,
    withDatabase: (body) => withClient(database.url, body),
    stop: async () => {
      await app.stop();
      const leftovers = await findLeftoversOfApp(app, folders);
      await stopServers();
      ended = true;
      for (const line of await findLeftProcesses(folders.root))
        leftovers.push(`a process is still running: ${line}`);
      await folder.remove();
      return leftovers;
    },
    abandon: async () => {
      if (ended) return;
      ended = true;
      app.abandon();
      await stopServers();
      await folder.remove();
    },
  };
  try {
    await app.start();
  } catch (error) {
    await world.abandon();
    throw error;
  }
  return world;
}

function chaosEnvironment(
  github: LocalGitHub,
  model: ScriptedModel,
  database: ChaosDatabase,
  { home, temporary }: Folders,
  concurrency: number,
): Record<string, string> {
  return {
    ...appEnvironment(github, model, home),
    DATABASE_URL: database.url,
    EGRESS: 'none',
    TMPDIR: temporary,
    PULLWRIGHT_CONCURRENCY: String(concurrency),
    // Raise the limits, because a single user requests all runs.
    LIMITS_USER: 'runs=100000',
    LIMITS_REPOSITORY: 'runs=100000',
    LIMITS_SERVER: 'runs=100000',
    // Every six seconds, the app looks for deliveries that it missed while it was down.
    RECONCILE_MINUTES: '0.1',
  };
}

async function withClient<T>(url: string, body: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  // The client emits an error event when an idle connection breaks. Ignore the event, because the next query
  // fails anyway.
  client.on('error', () => {});
  await client.connect();
  try {
    return await body(client);
  } finally {
    await client.end();
  }
}

async function findLeftoversOfApp(app: SupervisedApp, { home, temporary }: Folders): Promise<string[]> {
  const leftovers: string[] = [];
  if (await isListening(app.port)) leftovers.push(`port ${app.port} is still in use`);
  for (const name of await readdir(path.join(home, 'runs')))
    leftovers.push(`the folder of run ${name} still exists`);
  for (const name of await readdir(temporary)) leftovers.push(`the temporary file ${name} still exists`);
  // Search for `home`, not for the root folder. The database uses the root folder and is still running.
  for (const line of await findLeftProcesses(home))
    leftovers.push(`a process of the app is still running: ${line}`);
  return leftovers;
}
