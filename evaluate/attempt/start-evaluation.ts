import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type LocalGitHub, startLocalGitHub } from '../../local-github/local-github.js';
import { type ScriptedModel, startScriptedModel } from '../../scripted-model/scripted-model.js';
import { openDatabase } from '../../src/database/connection/open-database.js';
import type { Queryable } from '../../src/database/queryable.js';
import { createLog } from '../../src/log.js';
import { createClosers, stopOrphanedPostgres } from '../../test/support/closers.js';
import { type App, startApp, webhookSecret } from '../../test/support/start-app.js';
import { createTemporaryFolder } from '../../test/support/temporary-folder.js';

/** The product and the local GitHub, for attempts at tasks. */
export interface Evaluation {
  github: LocalGitHub;
  /** Null if the model is Claude. */
  scripted: ScriptedModel | null;
  app: App;
  db: Queryable;
  /** Stops everything and deletes its files. */
  close(): Promise<void>;
}

export interface EvaluationOptions {
  /** Settings of the app, besides those that connect it to the local GitHub. */
  environment: Record<string, string>;
  /** Whether to play the model from scripts. Otherwise, the environment has the key for Claude. */
  isScripted: boolean;
  /** Alias or id of a model, which all agents then use. Default: the one of each agent. */
  model?: string | null;
  /** Default: Postgres starts with the app. */
  databaseUrl?: string | null;
}

/** The limits for all runs of a day must not hold runs of an evaluation back. */
const noLimit = 'at-once=1000, runs=1000000';

export async function startEvaluation(options: EvaluationOptions): Promise<Evaluation> {
  const { environment, isScripted, model = null, databaseUrl = null } = options;
  const { add, close } = createClosers();
  try {
    const folder = await createTemporaryFolder('pullwright-evaluate-');
    add(folder.remove);
    const github = await startLocalGitHub({ folder: path.join(folder.path, 'github') });
    add(github.stop);
    const scripted = isScripted ? await startScriptedModel() : null;
    if (scripted) add(scripted.stop);
    const agents = model === null ? null : await copyAgents(path.join(folder.path, 'agents'), model);
    const home = path.join(folder.path, 'home');
    add(() => stopOrphanedPostgres(home));
    const app = await startApp({
      LIMITS_USER: noLimit,
      LIMITS_REPOSITORY: noLimit,
      LIMITS_SERVER: noLimit,
      ...environment,
      APP_ID: String(github.appId),
      PRIVATE_KEY: github.privateKey,
      WEBHOOK_SECRET: webhookSecret,
      GHE_HOST: github.host,
      GHE_PROTOCOL: 'http',
      PULLWRIGHT_HOME: home,
      ...(agents && { PULLWRIGHT_AGENTS: agents }),
      ...(databaseUrl && { DATABASE_URL: databaseUrl }),
      ...(scripted && { ANTHROPIC_API_KEY: scripted.apiKey, ANTHROPIC_BASE_URL: scripted.url }),
    });
    add(() => app.stop());
    github.setWebhook(app.webhookUrl, webhookSecret);
    const database = await openDatabase({ databaseUrl, home, log: createLog('warn', []) });
    add(() => database.close({ stopServer: false }));
    return { github, scripted, app, db: database.pool, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Copies the product's agents, with another model. */
async function copyAgents(folder: string, model: string): Promise<string> {
  const own = path.join(import.meta.dirname, '..', '..', 'agents');
  await mkdir(folder);
  for (const name of await readdir(own)) {
    const text = await readFile(path.join(own, name), 'utf8');
    await writeFile(path.join(folder, name), text.replace(/^model:.*$/m, `model: ${model}`));
  }
  return folder;
}
