import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { appEnvironment, webhookSecret } from './app-environment.js';
import { type LocalGitHub, startLocalGitHub } from './local-github/start-local-github.js';
import type { ScriptedTurn } from './scripted-model/conversation.js';
import { type ScriptedModel, startScriptedModel } from './scripted-model/start-scripted-model.js';
import { type App, startApp } from './start-app.js';
import { createTemporaryFolder } from './temporary-folder.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

/** The whole product with its two doubles: everything else is real. */
export interface World {
  github: LocalGitHub;
  model: ScriptedModel;
  database: TestDatabase;
  home: string;
  app: App;
  /** Starts the app again, after a kill or with other settings. */
  startAgain(environment?: Record<string, string>): Promise<App>;
  /** Makes a repository with a maintainer `ada`, and an issue in it; the model's turns are those of this issue. */
  prepareIssue(options: PreparedIssue): Promise<{ name: string; number: number }>;
  /** Resolves with the settlement of the issue's newest run, once it has one and people were told. */
  settled(name: string, number: number): Promise<Settled>;
  events(runId: string): Promise<Record<string, unknown>[]>;
  /** The bot's progress comment. */
  progress(name: string, number: number): string;
  /** Stops everything, and fails when something is left behind or either double was spoken to wrongly. */
  stop(): Promise<void>;
}

export interface PreparedIssue {
  files?: Record<string, string>;
  repository?: Parameters<LocalGitHub['createRepository']>[1];
  title?: string;
  body?: string | null;
  turns?: ScriptedTurn[];
}

export interface Settled {
  id: string;
  settlement: { kind: string; because?: unknown; number?: number; questions?: string[] };
}

const patienceMs = 90_000;
let counter = 0;

export async function startWorld(environment: Record<string, string> = {}): Promise<World> {
  const folder = await createTemporaryFolder();
  const home = path.join(folder.path, 'home');
  const [github, model, database] = await Promise.all([
    startLocalGitHub({ folder: path.join(folder.path, 'github') }),
    startScriptedModel(),
    createTestDatabase(),
  ]);
  const settings = {
    ...appEnvironment(github, model, home),
    DATABASE_URL: database.url,
    EGRESS: 'none',
    ...environment,
  };
  const start = async (more: Record<string, string> = {}) => {
    const app = await startApp({ ...settings, ...more });
    github.setWebhook(app.webhookUrl, webhookSecret);
    return app;
  };

  const world: World = {
    github,
    model,
    database,
    home,
    app: await start(),
    startAgain: async (more) => {
      world.app = await start(more);
      return world.app;
    },
    prepareIssue: async ({ files, repository, title, body, turns }) => {
      counter += 1;
      const name = `acme/shop-${counter}`;
      await github.createRepository(name, repository ?? { files: files ?? {} });
      github.setRole(name, 'ada', 'maintain');
      const unique = `${title ?? 'Greet by name'} (${counter})`;
      const number = await github.openIssue(name, {
        title: unique,
        body: body === undefined ? 'greet(name) should say the name.' : body,
        author: 'ada',
      });
      if (turns) model.script({ when: unique, turns });
      return { name, number };
    },
    settled: async (name, number) => {
      const [owner, repository] = name.split('/');
      const sql = `select id, settlement from pullwright.runs where repository = $1 and issue_number = $2
        and not exists (select from pullwright.runs where repository = $1 and issue_number = $2 and status <> 'settled')
        and not exists (select from pullwright.deliveries where outcome is null)
        order by created_at desc limit 1`;
      return waitFor(
        `${name}#${number} to settle`,
        world,
        async () => (await database.query<Settled>(sql, [`${owner}/${repository}`, number]))[0],
      );
    },
    events: async (runId) =>
      (
        await database.query<{ event: Record<string, unknown> }>(
          'select event from pullwright.run_events where run_id = $1 order by id',
          [runId],
        )
      ).map(({ event }) => event),
    progress: (name, number) => {
      const found = github
        .botComments(name, number)
        .filter(({ body }) => body.includes('<!-- pullwright:progress -->'));
      expect(found).toHaveLength(1);
      return found[0]?.body ?? '';
    },
    stop: async () => {
      const code = await world.app.stop();
      const leftRuns = await readdir(path.join(home, 'runs'));
      await Promise.all([github.stop(), model.stop(), database.drop()]);
      await folder.remove();
      expect({ code, leftRuns, github: github.violations, model: model.violations }).toEqual({
        code: 0,
        leftRuns: [],
        github: [],
        model: [],
      });
    },
  };
  return world;
}

/** Looks again and again until there is an answer: what is waited for is a state, never a time. */
export async function waitFor<T>(
  what: string,
  world: Pick<World, 'app'>,
  look: () => Promise<T | undefined | null | false>,
): Promise<T> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await pause(50)) {
    const found = await look();
    if (found) return found;
  }
  throw new Error(`waited in vain for ${what}; the app said:\n${world.app.log.slice(-30).join('\n')}`);
}
