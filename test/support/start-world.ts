import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type LocalGitHub, startLocalGitHub } from '../../local-github/local-github.js';
import type { ScriptedTurn } from '../../scripted-model/scripted-model.js';
import { type ScriptedModel, startScriptedModel } from '../../scripted-model/scripted-model.js';
import { appEnvironment, webhookSecret } from './app-environment.js';
import { type Exempt, findCanaries } from './find-canaries.js';
import { type App, startApp } from './start-app.js';
import { createTemporaryFolder } from './temporary-folder.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

/** The whole product with its two doubles: everything else is real. Also used outside of Jest, by the bench. */
export interface World {
  github: LocalGitHub;
  model: ScriptedModel;
  database: TestDatabase;
  home: string;
  app: App;
  /** Starts the app again, after a kill or with other settings. */
  startAgain(environment?: Record<string, string>, program?: string): Promise<App>;
  /** Starts another one beside it, with a home of its own, that gets no deliveries. */
  startSecond(
    environment: Record<string, string>,
    role?: Parameters<typeof startApp>[1],
    program?: string,
  ): Promise<App>;
  /** Makes a repository with a maintainer `ada`, and an issue in it; the model's turns are those of this issue. */
  prepareIssue(options: PreparedIssue): Promise<{ name: string; number: number; title: string }>;
  /** Resolves with the outcome of the issue's newest run, once it has one and people were told. */
  settled(name: string, number: number, patienceMs?: number): Promise<Settled>;
  /** Resolves with what became of the issue's newest trigger. */
  answered(name: string, number: number): Promise<string>;
  events(runId: string): Promise<Record<string, unknown>[]>;
  /** The bot's progress comment. */
  progress(name: string, number: number): string;
  /**
   * Stops everything, and fails when something is left behind, either double was spoken to wrongly, or a credential is in anything
   * that was written, kept or sent.
   * @param exempt where a test had the model say one
   */
  stop(exempt?: Exempt[]): Promise<void>;
}

export interface PreparedIssue {
  /** Of the repository, `owner/name`; one that no other has when left out. */
  name?: string;
  files?: Record<string, string>;
  repository?: Parameters<LocalGitHub['createRepository']>[1];
  title?: string;
  body?: string | null;
  /** `ada` when left out. */
  author?: string;
  turns?: ScriptedTurn[];
}

export interface Settled {
  id: string;
  outcome: { kind: string; reason?: unknown; number?: number; questions?: string[] };
}

const usualPatienceMs = 90_000;
let counter = 0;

export async function startWorld(environment: Record<string, string> = {}): Promise<World> {
  const folder = await createTemporaryFolder();
  const home = environment.PULLWRIGHT_HOME ?? path.join(folder.path, 'home');
  const [github, model, database] = await Promise.all([
    startLocalGitHub({ folder: path.join(folder.path, 'github') }),
    startScriptedModel(),
    createTestDatabase(),
  ]);
  const secondHome = path.join(folder.path, 'second-home');
  const settings = {
    ...appEnvironment(github, model, home),
    DATABASE_URL: database.url,
    EGRESS: 'none',
    ...environment,
  };
  const apps: App[] = [];
  const start = async (more: Record<string, string> = {}, program?: string) => {
    const app = await startApp({ ...settings, ...more }, 'start', program);
    apps.push(app);
    github.setWebhook(app.webhookUrl, webhookSecret);
    return app;
  };

  const urlOf = (name: string, number: number) => `${github.url}/${name}/issues/${number}`;
  const first = await start().catch(async (error: unknown) => {
    // What listens would keep the test run from ever ending.
    await Promise.all([github.stop(), model.stop(), database.drop()]);
    await folder.remove();
    throw error;
  });
  const world: World = {
    github,
    model,
    database,
    home,
    app: first,
    startAgain: async (more, program) => {
      world.app = await start(more, program);
      return world.app;
    },
    startSecond: async (more, role, program) => {
      const app = await startApp({ ...settings, PULLWRIGHT_HOME: secondHome, ...more }, role, program);
      apps.push(app);
      return app;
    },
    prepareIssue: async ({ name: given, files, repository, title, body, author, turns }) => {
      counter += 1;
      const name = given ?? `acme/shop-${counter}`;
      // Before anything is waited for: issues that are prepared side by side must not share a title.
      const unique = `${title ?? 'Greet by name'} (${counter})`;
      await github.createRepository(name, repository ?? { files: files ?? {} });
      github.setRole(name, 'ada', 'maintain');
      const number = await github.openIssue(name, {
        title: unique,
        body: body === undefined ? 'greet(name) should say the name.' : body,
        author: author ?? 'ada',
      });
      if (turns) model.script({ when: unique, turns });
      return { name, number, title: unique };
    },
    settled: async (name, number, patienceMs) => {
      const sql = `select id, outcome from pullwright.runs where repository = $1 and issue_number = $2
        and not exists (select from pullwright.runs where repository = $1 and issue_number = $2 and status <> 'settled')
        and not exists (select from pullwright.deliveries where result is null and (trigger #>> '{issue,url}' = $3
          or trigger ->> 'onPullRequest' = 'true' and trigger #>> '{repository,name}' = split_part($1, '/', 2)))
        order by created_at desc limit 1`;
      return waitFor(
        `${name}#${number} to settle`,
        world,
        async () => (await database.query<Settled>(sql, [name, number, urlOf(name, number)]))[0],
        patienceMs,
      );
    },
    answered: (name, number) => {
      const sql = `select result from pullwright.deliveries where trigger #>> '{issue,url}' = $1
        order by received_at desc limit 1`;
      return waitFor(
        `the trigger of ${name}#${number} to be answered`,
        world,
        async () => (await database.query<{ result: string }>(sql, [urlOf(name, number)]))[0]?.result,
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
      assert.equal(found.length, 1, `progress comments of ${name}#${number}`);
      return found[0]?.body ?? '';
    },
    stop: async (exempt) => {
      const look = async () => {
        const code = await world.app.stop();
        const leftRuns = await readdir(path.join(home, 'runs'));
        const homes = [home, secondHome];
        const canaries = await findCanaries({ github, model, database, apps, homes }, exempt);
        return { code, leftRuns, canaries, github: github.violations, model: model.violations };
      };
      const found = await look().finally(async () => {
        await Promise.all([github.stop(), model.stop(), database.drop()]);
        await folder.remove();
      });
      // As text: what comes from Node itself is of another realm than a test's own objects.
      assert.equal(
        JSON.stringify(found, null, 1),
        JSON.stringify({ code: 0, leftRuns: [], canaries: [], github: [], model: [] }, null, 1),
      );
    },
  };
  return world;
}

/** Looks again and again until there is an answer: what is waited for is a state, never a time. */
export async function waitFor<T>(
  what: string,
  world: Pick<World, 'app'>,
  look: () => Promise<T | undefined | null | false>,
  patienceMs = usualPatienceMs,
): Promise<T> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await pause(100)) {
    const found = await look();
    if (found) return found;
  }
  throw new Error(`waited in vain for ${what}; the app said:\n${world.app.log.slice(-30).join('\n')}`);
}
