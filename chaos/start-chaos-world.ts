import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { type LocalGitHub, startLocalGitHub } from '../local-github/local-github.js';
import { type ScriptedModel, startScriptedModel } from '../scripted-model/scripted-model.js';
import { appEnvironment, webhookSecret } from '../test/support/start-app.js';
import { createTemporaryFolder } from '../test/support/temporary-folder.js';
import { findLeftProcesses, isListening } from './find-left-behind.js';
import { type KeptApp, keepApp } from './keep-app.js';
import { type ChaosDatabase, startDatabase } from './start-database.js';

/** The real app on a database of its own, with the two doubles, and everything of it below one folder. */
export interface ChaosWorld {
  app: KeptApp;
  database: ChaosDatabase;
  github: LocalGitHub;
  model: ScriptedModel;
  /** Lets `body` read or change the database over a connection of its own. */
  withDatabase<T>(body: (client: pg.Client) => Promise<T>): Promise<T>;
  /** Stops everything. @returns what was left behind, in words */
  stop(): Promise<string[]>;
  /** Ends everything at once, whatever state it is in. After `stop` it does nothing. */
  abandon(): Promise<void>;
}

/** Those that were begun, whatever became of them. */
const worlds: Promise<ChaosWorld>[] = [];

/** For a chaos that is interrupted: nothing of it stays. */
export async function abandonWorlds(): Promise<void> {
  for (const result of await Promise.allSettled(worlds))
    if (result.status === 'fulfilled') await result.value.abandon();
}

/** @param concurrency runs at once */
export function startChaosWorld(concurrency: number): Promise<ChaosWorld> {
  const world = startWorld(concurrency);
  worlds.push(world);
  return world;
}

async function startWorld(concurrency: number): Promise<ChaosWorld> {
  const folder = await createTemporaryFolder('pullwright-chaos-');
  const home = path.join(folder.path, 'home');
  // The app's temporary files go here, to be seen should any be left.
  const temporary = path.join(folder.path, 'tmp');
  await mkdir(temporary, { mode: 0o777 });
  const [database, github, model] = await Promise.all([
    startDatabase(path.join(folder.path, 'postgres')),
    startLocalGitHub({ folder: path.join(folder.path, 'github') }),
    startScriptedModel(),
  ]);
  const app = keepApp({
    environment: {
      ...appEnvironment(github, model, home),
      DATABASE_URL: database.url,
      EGRESS: 'none',
      TMPDIR: temporary,
      PULLWRIGHT_CONCURRENCY: String(concurrency),
      // One person asks for everything.
      LIMITS_USER: 'runs=100000',
      LIMITS_REPOSITORY: 'runs=100000',
      LIMITS_SERVER: 'runs=100000',
      // What is delivered while the app is down is found by looking.
      RECONCILE_MINUTES: '0.1',
    },
    moved: (url) => github.setWebhook(url, webhookSecret),
    databaseChanges: () => database.changes,
  });

  const leftOfApp = async (): Promise<string[]> => {
    const left: string[] = [];
    if (await isListening(app.port)) left.push(`port ${app.port} is still listened on`);
    for (const name of await readdir(path.join(home, 'runs'))) left.push(`the folder of run ${name} is left`);
    for (const name of await readdir(temporary)) left.push(`the temporary file ${name} is left`);
    // Not the folder itself: the database is there, and goes last.
    for (const line of await findLeftProcesses(home)) left.push(`a process of the app is left: ${line}`);
    return left;
  };
  let ended = false;
  const world: ChaosWorld = {
    app,
    database,
    github,
    model,
    withDatabase: async (body) => {
      const client = new pg.Client({ connectionString: database.url });
      // One that is cut while idle says so here; the next query fails and says it again.
      client.on('error', () => {});
      await client.connect();
      try {
        return await body(client);
      } finally {
        await client.end();
      }
    },
    stop: async () => {
      await app.stop();
      const left = await leftOfApp();
      await Promise.all([github.stop(), model.stop(), database.stop()]);
      ended = true;
      for (const line of await findLeftProcesses(folder.path)) left.push(`a process is left: ${line}`);
      await folder.remove();
      return left;
    },
    abandon: async () => {
      if (ended) return;
      ended = true;
      app.abandon();
      await Promise.all([github.stop(), model.stop(), database.stop()]);
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
