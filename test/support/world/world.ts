import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import type { Delivery, LocalGitHub, NewReview } from '../../../local-github/local-github.js';
import type { ScriptedModel, ScriptedTurn } from '../../../scripted-model/scripted-model.js';
import type { App, startApp } from '../start-app.js';
import type { TestDatabase } from '../test-database.js';
import { waitFor } from '../wait-for.js';
import { type Exempt, findLeakedCredentials } from './find-leaked-credentials.js';
import { type HandleOptions, progressMarker, RunHandle } from './run-handle.js';
import { TriggerHandle } from './trigger-handle.js';

export interface WorldOptions {
  github: LocalGitHub;
  model: ScriptedModel;
  database: TestDatabase;
  home: string;
  secondHome: string;
  /** Every app that was started. */
  apps: App[];
  app: App;
  start(environment?: Record<string, string>, program?: string): Promise<App>;
  startSecond: World['startSecond'];
  stopDoubles(): Promise<void>;
}

/** An issue or a pull request. */
export interface Place {
  /** `owner/name` of the repository. */
  name: string;
  number: number;
}

export interface TestIssue extends Place {
  title: string;
}

export interface PreparedIssue {
  /** `owner/name` of the repository. Default: one that no other test has. */
  name?: string;
  files?: Record<string, string>;
  repository?: Parameters<LocalGitHub['createRepository']>[1];
  title?: string;
  body?: string | null;
  /** Default: `ada`. */
  author?: string;
  /** The replies of the model for this issue. */
  turns?: ScriptedTurn[];
}

let counter = 0;

/**
 * The product, its two doubles and its database. An action returns a handle; a test waits on handles, which
 * name their delivery, run or comment, so that nothing that was there before can end a wait.
 */
export class World {
  readonly github: LocalGitHub;
  readonly model: ScriptedModel;
  readonly database: TestDatabase;
  readonly home: string;
  /** The newest app; it gets the deliveries. */
  app: App;
  /** Starts another app with a home of its own. It gets no deliveries. */
  readonly startSecond: (
    environment: Record<string, string>,
    role?: Parameters<typeof startApp>[1],
    program?: string,
  ) => Promise<App>;
  private readonly handles: HandleOptions;

  constructor(private readonly options: WorldOptions) {
    const { github, model, database, home, app, startSecond } = options;
    this.github = github;
    this.model = model;
    this.database = database;
    this.home = home;
    this.app = app;
    this.startSecond = startSecond;
    this.handles = { github, database, currentApp: () => this.app };
  }

  /** Starts the app again, after a kill or with other settings. */
  async startAgain(environment?: Record<string, string>, program?: string): Promise<App> {
    this.app = await this.options.start(environment, program);
    return this.app;
  }

  /** Creates a repository with the maintainer `ada`, and an issue in it. */
  async prepareIssue(issue: PreparedIssue): Promise<TestIssue> {
    const { github, model } = this;
    counter += 1;
    const name = issue.name ?? `acme/shop-${counter}`;
    // The title tells the model which conversation it is, so no two issues share one.
    const title = `${issue.title ?? 'Greet by name'} (${counter})`;
    await github.createRepository(name, issue.repository ?? { files: issue.files ?? {} });
    github.setRole(name, 'ada', 'maintain');
    const number = await github.openIssue(name, {
      title,
      body: issue.body === undefined ? 'greet(name) should say the name.' : issue.body,
      author: issue.author ?? 'ada',
    });
    if (issue.turns) model.script({ when: title, turns: issue.turns });
    return { name, number, title };
  }

  /**
   * Does something on GitHub as a person.
   * @returns a handle on what the app makes of it
   * @throws AssertionError when GitHub delivers nothing for it
   */
  async act(
    action: () => Promise<Delivery | null | { id: number; delivery: Delivery | null }>,
  ): Promise<TriggerHandle> {
    const since = this.github.state.nextId();
    const result = await action();
    const delivery = result && 'delivery' in result ? result.delivery : result;
    assert(delivery, 'expected GitHub to deliver an event for this action');
    const createdId = result && 'delivery' in result ? result.id : null;
    return new TriggerHandle(delivery, since, this.handles, createdId);
  }

  label({ name, number }: Place, label = 'backend', byLogin = 'ada'): Promise<TriggerHandle> {
    return this.act(() => this.github.label(name, number, label, byLogin));
  }

  /**
   * Labels an issue, and resolves when its run asks the model for a turn. The reply waits for `release`.
   * @param turn the number of the turn, from 1
   */
  async labelAndHold(issue: TestIssue, turn = 1): Promise<{ run: RunHandle; release(): void }> {
    const held = this.model.hold(turn, issue.title);
    const asked = await this.label(issue);
    await held.reached;
    return { run: await asked.run(), release: held.release };
  }

  comment({ name, number }: Place, body: string, byLogin = 'ada'): Promise<TriggerHandle> {
    return this.act(() => this.github.comment(name, number, body, byLogin));
  }

  review({ name, number }: Place, review: NewReview, byLogin = 'ada'): Promise<TriggerHandle> {
    return this.act(() => this.github.submitReview(name, number, review, byLogin));
  }

  close({ name, number }: Place, byLogin = 'ada'): Promise<TriggerHandle> {
    return this.act(() => this.github.closeIssue(name, number, byLogin));
  }

  run(id: string): RunHandle {
    return new RunHandle(id, this.handles);
  }

  /**
   * Resolves with a run of an issue, once there is one. For runs that no delivery of the test's own starts.
   * @param position counts the runs of the issue and of its pull request from 1, oldest first
   */
  async nthRun({ name, number }: Place, position: number): Promise<RunHandle> {
    const sql = `select id from pullwright.runs where repository = $1 and issue_number = $2
      order by created_at, id offset $3 limit 1`;
    const row = await waitFor(
      `run ${position} of ${name}#${number}`,
      this,
      async () => (await this.database.query<{ id: string }>(sql, [name, number, position - 1]))[0],
    );
    return this.run(row.id);
  }

  /**
   * The text of the bot's one progress comment. @throws AssertionError when there is none, or more than one
   */
  progress(name: string, number: number): string {
    const found = this.github.botComments(name, number).filter(({ body }) => body.includes(progressMarker));
    assert.equal(found.length, 1, `progress comments of ${name}#${number}`);
    return found[0]?.body ?? '';
  }

  /**
   * Stops everything. Fails when the app left something behind, when one of the doubles was used wrongly, or
   * when a credential is in anything that was written, kept or sent.
   * @param exempt the places where a test had the model say a credential
   */
  async stop(exempt?: Exempt[]): Promise<void> {
    const found = await this.stopApp(exempt).finally(this.options.stopDoubles);
    const expected = { code: 0, leftRuns: [], credentials: [], github: [], model: [] };
    // As text: Node's own objects belong to another realm than those of a test.
    assert.equal(JSON.stringify(found, null, 1), JSON.stringify(expected, null, 1));
  }

  private async stopApp(exempt?: Exempt[]) {
    const { github, model, database, home } = this;
    const { apps, secondHome } = this.options;
    const code = await this.app.stop();
    const leftRuns = await readdir(`${home}/runs`);
    const remains = { github, model, database, apps, homes: [home, secondHome] };
    const credentials = await findLeakedCredentials(remains, exempt);
    return { code, leftRuns, credentials, github: github.violations, model: model.violations };
  }
}
