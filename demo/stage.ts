import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type LocalGitHub, startLocalGitHub } from '../local-github/local-github.js';
import {
  readConversation,
  type ScriptedModel,
  startScriptedModel,
} from '../scripted-model/scripted-model.js';
import { startEmbeddedPostgres } from '../src/database/connection/embedded-postgres.js';
import { openDatabase } from '../src/database/connection/open-database.js';
import type { Queryable } from '../src/database/queryable.js';
import { createLog } from '../src/log.js';
import { type App, startApp } from '../test/support/start-app.js';
import { createTemporaryFolder } from '../test/support/temporary-folder.js';

/** Everything that runs during the demo. */
export interface Stage {
  github: LocalGitHub;
  /** Null when Claude itself is asked. */
  recording: ScriptedModel | null;
  app: App;
  /** The app's own database. */
  db: Queryable;
  /** Stops what runs and removes the one folder that holds all files. */
  close(): Promise<void>;
}

const webhookSecret = 'only for this demo, on this machine';
/** For the app to come to an end by itself: it takes half a minute at most. */
const patienceMs = 40_000;

/** Starts the local GitHub, the recording unless there is a key, and the app as an operator would start it. */
export async function openStage(environment: NodeJS.ProcessEnv): Promise<Stage> {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async () => {
    // Last in, first out; one that fails does not keep the others from being closed.
    const failures: unknown[] = [];
    for (const step of closing.splice(0).reverse()) await step().catch((error) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, `could not clean up: ${failures.join('; ')}`);
  };
  try {
    const folder = await createTemporaryFolder('pullwright-demo-');
    closing.push(folder.remove);
    const github = await startLocalGitHub({ folder: path.join(folder.path, 'github') });
    closing.push(github.stop);
    const recording = environment.ANTHROPIC_API_KEY ? null : await startRecording();
    if (recording) closing.push(recording.stop);

    const home = path.join(folder.path, 'home');
    closing.push(() => stopLeftPostgres(home));
    const app = await startApp({
      ...inherited(environment),
      APP_ID: String(github.appId),
      PRIVATE_KEY: github.privateKey,
      WEBHOOK_SECRET: webhookSecret,
      GHE_HOST: github.host,
      GHE_PROTOCOL: 'http',
      PULLWRIGHT_HOME: home,
      ...(recording && { ANTHROPIC_API_KEY: recording.apiKey, ANTHROPIC_BASE_URL: recording.url }),
    });
    closing.push(() => stopApp(app));
    github.setWebhook(app.webhookUrl, webhookSecret);

    const database = await openDatabase({ databaseUrl: null, home, log: createLog('warn', []) });
    closing.push(() => database.close({ stopServer: false }));
    return { github, recording, app, db: database.pool, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startRecording(): Promise<ScriptedModel> {
  const model = await startScriptedModel();
  model.script(readConversation(path.join(import.meta.dirname, 'conversation.yml')));
  return model;
}

/** How this machine reaches its package registry, and how Claude is reached; nothing of an App that is set up here. */
function inherited(environment: NodeJS.ProcessEnv): Record<string, string> {
  const wanted = /^(npm_config_\w+|NODE_EXTRA_CA_CERTS|TMPDIR|ANTHROPIC_\w+|PULLWRIGHT_MODEL|BUDGET_\w+)$/i;
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && wanted.test(name) ? [[name, value]] : [],
    ),
  );
}

async function stopApp(app: App): Promise<void> {
  const patience = new AbortController();
  const late = pause(patienceMs, 'late', { signal: patience.signal }).catch(() => null);
  if ((await Promise.race([app.stop(), late])) === 'late') await app.kill();
  patience.abort();
}

/** An app that did not end by itself leaves its Postgres behind. */
async function stopLeftPostgres(home: string): Promise<void> {
  const folder = path.join(home, 'postgres');
  if (existsSync(path.join(folder, 'data', 'postmaster.pid')))
    await (await startEmbeddedPostgres(folder)).stop();
}
