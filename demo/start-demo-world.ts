import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type LocalGitHub, startLocalGitHub } from '../local-github/local-github.js';
import {
  type Conversation,
  readConversation,
  type ScriptedModel,
  startScriptedModel,
} from '../scripted-model/scripted-model.js';
import { openDatabase } from '../src/database/connection/open-database.js';
import type { Queryable } from '../src/database/queryable.js';
import { createLog } from '../src/log.js';
import { createClosers, stopOrphanedPostgres } from '../test/support/closers.js';
import { type App, startApp } from '../test/support/start-app.js';
import { createTemporaryFolder } from '../test/support/temporary-folder.js';

/** The services that run during the demo. */
export interface DemoWorld {
  github: LocalGitHub;
  /** The scripted model with the recorded replies. Null when the model is Claude. */
  recording: ScriptedModel | null;
  app: App;
  /** The database of the app. */
  db: Queryable;
  /** Stops everything and deletes the folder that contains all files of the demo. */
  close(): Promise<void>;
}

const webhookSecret = 'only for this demo, on this machine';
/** Time limit for stopping the app. The app needs at most half a minute. */
const stopTimeoutMs = 40_000;

/** Reads the recorded replies to the issue of the demo. */
export function readDemoConversation(): Conversation {
  return readConversation(path.join(import.meta.dirname, 'conversation.yml'));
}

/** Starts the local GitHub and the app. Without an API key for Claude, also starts the scripted model. */
export async function startDemoWorld(
  environment: NodeJS.ProcessEnv,
  conversation = readDemoConversation(),
): Promise<DemoWorld> {
  const { add, close } = createClosers();
  try {
    const folder = await createTemporaryFolder('pullwright-demo-');
    add(folder.remove);
    const github = await startLocalGitHub({ folder: path.join(folder.path, 'github') });
    add(github.stop);
    const recording = environment.ANTHROPIC_API_KEY ? null : await startRecording(conversation);
    if (recording) add(recording.stop);

    const home = path.join(folder.path, 'home');
    add(() => stopOrphanedPostgres(home));
    const app = await startApp({
      ...inheritVariables(environment),
      APP_ID: String(github.appId),
      PRIVATE_KEY: github.privateKey,
      WEBHOOK_SECRET: webhookSecret,
      GHE_HOST: github.host,
      GHE_PROTOCOL: 'http',
      PULLWRIGHT_HOME: home,
      ...(recording && settingsOf(recording)),
    });
    add(() => stopApp(app));
    github.setWebhook(app.webhookUrl, webhookSecret);

    const database = await openDatabase({ databaseUrl: null, home, log: createLog('warn', []) });
    add(() => database.close({ stopServer: false }));
    return { github, recording, app, db: database.pool, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The settings of a model that needs none of the operator's own. An empty variable counts as not set. */
function settingsOf(recording: ScriptedModel): Record<string, string> {
  return {
    MODEL_PROVIDER: 'anthropic',
    ANTHROPIC_API_KEY: recording.apiKey,
    ANTHROPIC_AUTH_TOKEN: '',
    ANTHROPIC_BASE_URL: recording.url,
    ANTHROPIC_CUSTOM_HEADERS: '',
  };
}

async function startRecording(conversation: Conversation): Promise<ScriptedModel> {
  const model = await startScriptedModel();
  model.script(conversation);
  return model;
}

/**
 * Selects the settings for the package registry and Claude from the environment. Settings of a real App on
 * this machine must not reach the demo.
 */
function inheritVariables(environment: NodeJS.ProcessEnv): Record<string, string> {
  const wanted = /^(npm_config_\w+|NODE_EXTRA_CA_CERTS|TMPDIR|ANTHROPIC_\w+|PULLWRIGHT_MODEL|BUDGET_\w+)$/i;
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && wanted.test(name) ? [[name, value]] : [],
    ),
  );
}

async function stopApp(app: App): Promise<void> {
  const timer = new AbortController();
  const timeout = pause(stopTimeoutMs, 'timeout', { signal: timer.signal }).catch(() => null);
  if ((await Promise.race([app.stop(), timeout])) === 'timeout') await app.kill();
  timer.abort();
}
