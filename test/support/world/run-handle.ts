import assert from 'node:assert/strict';
import type { LocalGitHub } from '../../../local-github/local-github.js';
import type { TestDatabase } from '../test-database.js';
import { waitFor } from '../wait-for.js';

/** What handles need of the world. */
export interface HandleOptions {
  github: LocalGitHub;
  database: Pick<TestDatabase, 'query'>;
  /** For the errors of waits: the app that runs at that time. */
  currentApp(): { log: readonly string[] };
}

export interface Settled {
  /** The run's id. */
  id: string;
  outcome: { kind: string; reason?: unknown; number?: number; questions?: string[] };
}

export type RunEvent = Record<string, unknown> & { type: string };

/** @returns a text of the bot without the zero-width spaces that keep names from being mentions */
export function withoutMarks(body: string): string {
  return body.replaceAll('\u200b', '');
}

export function contains(body: string, text: string | RegExp): boolean {
  return typeof text === 'string' ? body.includes(text) : text.test(body);
}

export const progressMarker = '<!-- pullwright:progress -->';

/** One run of the app. All of its waits are about this run; nothing of an earlier one can end them. */
export class RunHandle {
  constructor(
    readonly id: string,
    private readonly options: HandleOptions,
  ) {}

  /**
   * Resolves when the run is settled, people were told, and no trigger of its issue is still being decided.
   * @throws Error when that takes longer than the patience
   */
  settled(patienceMs?: number): Promise<Settled> {
    return this.wait('settle', () => this.findSettled(), patienceMs);
  }

  /**
   * Resolves when the run's workflow has ended. By then, every run that it starts is in the table of runs.
   */
  async ended(): Promise<void> {
    const sql = "select from dbos.workflow_status where workflow_uuid = $1 and status = 'SUCCESS'";
    await this.wait('end', async () => (await this.options.database.query(sql, [this.id])).length > 0);
  }

  /** Resolves with the next run of the same issue, once there is one. */
  async next(): Promise<RunHandle> {
    const sql = `select later.id from pullwright.runs later join pullwright.runs r on r.id = $1
      where later.repository_id = r.repository_id and later.issue_number = r.issue_number
        and (later.created_at, later.id) > (r.created_at, r.id)
      order by later.created_at, later.id limit 1`;
    const row = await this.wait(
      'be followed by another run',
      async () => (await this.options.database.query<{ id: string }>(sql, [this.id]))[0],
    );
    return new RunHandle(row.id, this.options);
  }

  /** The events so far, oldest first. */
  async events(): Promise<RunEvent[]> {
    const sql = 'select event from pullwright.run_events where run_id = $1 order by id';
    const rows = await this.options.database.query<{ event: RunEvent }>(sql, [this.id]);
    return rows.map(({ event }) => event);
  }

  /** Resolves with the first event of this type. */
  event(type: string): Promise<RunEvent> {
    return this.wait(`have an event "${type}"`, async () =>
      (await this.events()).find((event) => event.type === type),
    );
  }

  /**
   * Resolves with the progress comment as soon as it is about this run and contains the text.
   * @throws AssertionError as soon as the run is settled without it
   */
  says(text: string | RegExp): Promise<string> {
    return this.wait(`say "${text}"`, async () => {
      const isSettled = (await this.findSettled()) !== undefined;
      const { repository, number } = await this.place();
      const shown = this.options.github
        .botComments(repository, number)
        .filter(({ body }) => body.includes(progressMarker) && body.includes(this.id))
        .map(({ body }) => withoutMarks(body));
      const found = shown.find((body) => contains(body, text));
      assert(found || !isSettled, `run ${this.id} is settled without saying "${text}":\n${shown.join('\n')}`);
      return found;
    });
  }

  /** Where the run's progress comment is: on its issue or on its pull request. */
  private async place(): Promise<{ repository: string; number: number }> {
    const sql = `select repository, (trigger #>> '{issue,number}')::integer as number from pullwright.runs
      where id = $1`;
    const [row] = await this.options.database.query<{ repository: string; number: number }>(sql, [this.id]);
    assert(row, `there is no run ${this.id}`);
    return row;
  }

  private async findSettled(): Promise<Settled | undefined> {
    const sql = `select id, outcome from pullwright.runs r where id = $1 and status = 'settled'
      and exists (select from pullwright.run_events e where e.run_id = r.id and e.event ->> 'type' = 'settled')
      and not exists (select from pullwright.deliveries d where d.result is null
        and d.trigger #>> '{repository,id}' = r.trigger #>> '{repository,id}'
        and d.trigger #>> '{issue,number}' = r.trigger #>> '{issue,number}')`;
    return (await this.options.database.query<Settled>(sql, [this.id]))[0];
  }

  private wait<T>(
    what: string,
    look: () => Promise<T | undefined | null | false>,
    patienceMs?: number,
  ): Promise<T> {
    return waitFor(`run ${this.id} to ${what}`, { app: this.options.currentApp() }, look, patienceMs);
  }
}
