import assert from 'node:assert/strict';
import type { Comment, Delivery } from '../../../local-github/local-github.js';
import { waitFor } from '../wait-for.js';
import { contains, type HandleOptions, RunHandle, type Settled, withoutMarks } from './run-handle.js';

interface Place {
  repository: string;
  /** The number of the issue or pull request. */
  number: number;
}

/**
 * Something that a person did on GitHub, and what the app makes of it. All of its waits are about this one
 * delivery or about comments that are newer than it; nothing that was there before can end them.
 */
export class TriggerHandle {
  constructor(
    readonly delivery: Delivery,
    /** Every comment with a larger id was written after the action. */
    private readonly since: number,
    private readonly options: HandleOptions,
    /** The id of the comment or review that the action created, if it was one. */
    readonly createdId: number | null = null,
  ) {}

  /** Whether the app keeps the delivery at all. It does so before it answers the delivery. */
  async isRecorded(): Promise<boolean> {
    const sql = 'select from pullwright.deliveries where id = $1';
    return (await this.options.database.query(sql, [this.delivery.guid])).length > 0;
  }

  /** Resolves with what the app decided: `run <id>`, `refused: <reason>`, `ignored`, `stopped 1` ... */
  answered(patienceMs?: number): Promise<string> {
    return this.wait('be answered', () => this.findAnswer(), patienceMs);
  }

  /** Resolves with the run that this started. @throws AssertionError when it started none */
  async run(): Promise<RunHandle> {
    const answer = await this.answered();
    const [, id] = /^run (\S+)$/.exec(answer) ?? [];
    assert(id, `expected ${this.name} to start a run; its answer is "${answer}"`);
    return new RunHandle(id, this.options);
  }

  /** Resolves when the run that this started is settled. */
  async settled(patienceMs?: number): Promise<Settled> {
    return (await this.run()).settled(patienceMs);
  }

  /**
   * Resolves with a new comment of the bot on the same issue that contains the text.
   * @throws AssertionError as soon as the trigger is answered without it
   */
  reply(text: string | RegExp): Promise<string> {
    const { repository, number } = this.place;
    return this.wait(`be answered with "${text}"`, async () => {
      const answer = await this.findAnswer();
      const replies = this.options.github
        .botComments(repository, number)
        .filter(({ id }) => id > this.since)
        .map(({ body }) => withoutMarks(body));
      const found = replies.find((body) => contains(body, text));
      const missing = `${this.name} is answered with "${answer}" and without a comment "${text}":`;
      assert(found || !answer, [missing, ...replies].join('\n'));
      return found;
    });
  }

  /** Resolves when the bot has reacted to the comment. */
  async reacted(content: string): Promise<void> {
    const { state } = this.options.github;
    const { repository, number } = this.place;
    await this.wait(`get the reaction ${content}`, async () =>
      state
        .issue(state.repository(repository), number)
        .comments.find(({ id }: Comment) => id === this.createdId)
        ?.reactions.some((reaction) => reaction.content === content),
    );
  }

  private async findAnswer(): Promise<string | null | undefined> {
    const sql = 'select result from pullwright.deliveries where id = $1';
    const { guid } = this.delivery;
    return (await this.options.database.query<{ result: string | null }>(sql, [guid]))[0]?.result;
  }

  private get name(): string {
    const { event, action } = this.delivery;
    return `the delivery ${event}.${action} of ${this.place.repository}#${this.place.number}`;
  }

  /** Where the action happened, by the payload of the delivery. */
  private get place(): Place {
    const { payload } = this.delivery.request;
    const { repository, issue, pull_request, check_suite, check_run } = payload as {
      repository: { full_name: string };
      issue?: { number: number };
      pull_request?: { number: number };
      check_suite?: { pull_requests: { number: number }[] };
      check_run?: { pull_requests: { number: number }[] };
    };
    const checks = (check_suite ?? check_run)?.pull_requests[0];
    const number = (issue ?? pull_request ?? checks)?.number ?? 0;
    return { repository: repository.full_name, number };
  }

  private wait<T>(
    what: string,
    look: () => Promise<T | undefined | null | false>,
    patienceMs?: number,
  ): Promise<T> {
    return waitFor(`${this.name} to ${what}`, { app: this.options.currentApp() }, look, patienceMs);
  }
}
