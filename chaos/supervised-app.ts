import { setTimeout as pause } from 'node:timers/promises';
import { type App, startApp } from '../test/support/start-app.js';

export interface SupervisionOptions {
  environment: Record<string, string>;
  /** Called after each start, because the app then listens on another port. */
  onMove: (webhookUrl: string) => void;
  /**
   * Returns a number that changes when the database goes down or comes up. It is even while the database is
   * up.
   */
  databaseChanges: () => number;
}

const maxFaults = 20;

/** Runs the app and restarts it after every kill or unexpected exit, as a service manager does. */
export class SupervisedApp {
  kills = 0;
  /**
   * Number of failed starts. A start is expected to fail while the database is down. Any other failed start
   * is recorded in `faults`.
   */
  failedStarts = 0;
  /** Duration of the last start in milliseconds. It shows how fast the machine is at the moment. */
  startMs = 1000;
  /** The last port that the app listened on. */
  port = 0;
  /** Descriptions of unexpected exits, and of starts that failed although the database was up. */
  readonly faults: string[] = [];

  #app: App | null = null;
  #isAbandoned = false;
  /** The process that the chaos test is ending on purpose. */
  #ending: App | null = null;
  /** The restart after an unexpected exit. `kill` and `stop` wait for it. */
  #restarting = Promise.resolve();
  /** Abort this controller to kill the process of the latest start. */
  #death = new AbortController();

  constructor(private readonly options: SupervisionOptions) {}

  /** Starts the app and resolves when it is ready. Repeats a failed start. */
  start(): Promise<void> {
    return this.#startUntilReady();
  }

  /**
   * Kills the app with SIGKILL and starts it again.
   * @param whileDead called while no process of the app is running
   * @param killAgainAfterMs kills the new process after this time if it is not ready by then
   */
  async kill(whileDead?: () => Promise<void>, killAgainAfterMs?: number): Promise<void> {
    await this.#restarting;
    this.#ending = this.#app;
    await this.#app?.kill();
    this.kills += 1;
    await whileDead?.();
    await this.#startUntilReady(killAgainAfterMs);
  }

  /** Stops the app with SIGTERM. */
  async stop(): Promise<void> {
    await this.#restarting;
    this.#ending = this.#app;
    const code = await this.#app?.stop();
    if (code !== 0) this.faults.push(`the app exited with ${code} after SIGTERM; expected 0`);
  }

  /** Kills the app with SIGKILL and does not start it again. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#death.abort();
  }

  async #startUntilReady(killAfterMs?: number): Promise<void> {
    for (let killTime = killAfterMs; ; killTime = undefined) {
      const before = this.options.databaseChanges();
      try {
        return await this.#startOnce(killTime);
      } catch (error) {
        if (this.#isAbandoned) throw error;
        if (this.#death.signal.aborted) continue;
        const databaseWasUp = before % 2 === 0 && this.options.databaseChanges() === before;
        if (databaseWasUp)
          this.faults.push(`a start failed although the database was up: ${(error as Error).message}`);
        if (this.faults.length > maxFaults) throw error;
        this.failedStarts += 1;
        await pause(200);
      }
    }
  }

  async #startOnce(killAfterMs?: number): Promise<void> {
    const death = new AbortController();
    this.#death = death;
    const timer =
      killAfterMs === undefined
        ? undefined
        : setTimeout(() => {
            death.abort();
            this.kills += 1;
          }, killAfterMs);
    try {
      const startedAt = Date.now();
      const app = await startApp(this.options.environment, 'start', undefined, death.signal);
      // The kill may have come just after the app became ready.
      if (death.signal.aborted) throw new Error('the app was killed while it started');
      this.startMs = Date.now() - startedAt;
      this.#app = app;
      this.port = app.port;
      this.options.onMove(app.webhookUrl);
      void app.exited.then((code) => this.#onExit(app, code));
    } finally {
      clearTimeout(timer);
    }
  }

  #onExit(app: App, code: number | null): void {
    if (app === this.#ending || this.#isAbandoned) return;
    const how = code === null ? 'by a signal' : `with exit code ${code}`;
    this.faults.push(`the app ended unexpectedly, ${how}:\n${app.log.slice(-15).join('\n')}`);
    if (app !== this.#app) return;
    this.#restarting = this.#startUntilReady();
    // Ignore the error here. `kill` and `stop` await this promise and throw its error.
    this.#restarting.catch(() => {});
  }
}
