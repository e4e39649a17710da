import { setTimeout as pause } from 'node:timers/promises';
import { type App, startApp } from '../test/support/start-app.js';

/** The app, started again after every kill, as a service manager does it. */
export interface KeptApp {
  /** Resolves when it is ready; a start that fails while the database is away is tried again. */
  start(): Promise<void>;
  /**
   * SIGKILL, and a new start.
   * @param between done while it is dead
   * @param againAfterMs the new start is killed too, so long after it began, unless it is ready before
   */
  kill(between?: () => Promise<void>, againAfterMs?: number): Promise<void>;
  /** SIGTERM. */
  stop(): Promise<void>;
  /** SIGKILL without more, for the end of a chaos that failed. */
  abandon(): void;
  kills: number;
  /** Starts that failed while the database was away, as they should. */
  failedStarts: number;
  /** How long the last start took, in milliseconds: the measure of how fast this machine is just now. */
  startMs: number;
  /** Where it listened last. */
  port: number;
  /** What it did that nobody made it do: an end by itself, a start that failed with everything in place. */
  faults: string[];
}

export function keepApp(options: {
  environment: Record<string, string>;
  /** Told where deliveries go from now on. */
  moved: (webhookUrl: string) => void;
  /** The same number before and after: the database was there all the time. */
  databaseChanges: () => number;
}): KeptApp {
  const { environment, moved, databaseChanges } = options;
  let app: App | null = null;
  let abandoned = false;
  /** The process that is ended on purpose, if any. */
  let ending: App | null = null;
  /** Of a start after an end by itself, which nobody else waits for. */
  let starting = Promise.resolve();
  let lastDeath: AbortController | null = null;

  const startOnce = async (killAfterMs?: number): Promise<void> => {
    lastDeath = new AbortController();
    const { signal } = lastDeath;
    const death = lastDeath;
    const timer =
      killAfterMs === undefined
        ? undefined
        : setTimeout(() => {
            death.abort();
            kept.kills += 1;
          }, killAfterMs);
    try {
      const begun = Date.now();
      const started = await startApp(environment, 'start', undefined, signal);
      clearTimeout(timer);
      // It was ready a moment before the kill.
      if (signal.aborted) throw new Error('killed while it started');
      kept.startMs = Date.now() - begun;
      app = started;
      kept.port = started.port;
      moved(started.webhookUrl);
      void started.exited.then((code) => noticeEnd(started, code));
    } finally {
      clearTimeout(timer);
    }
  };

  const startUntilReady = async (killAfterMs?: number): Promise<void> => {
    for (let deadline = killAfterMs; ; deadline = undefined) {
      const before = databaseChanges();
      try {
        return await startOnce(deadline);
      } catch (error) {
        if (abandoned) throw error;
        if (lastDeath?.signal.aborted) continue;
        const wasThere = before % 2 === 0 && databaseChanges() === before;
        if (wasThere)
          kept.faults.push(`a start failed with everything in place: ${(error as Error).message}`);
        if (kept.faults.length > 20) throw error;
        kept.failedStarts += 1;
        await pause(200);
      }
    }
  };

  /** Nobody but us may end it. */
  const noticeEnd = (ended: App, code: number | null) => {
    if (ended === ending || abandoned) return;
    kept.faults.push(
      `the app ended by itself, with ${code === null ? 'a signal' : `exit code ${code}`}:\n${ended.log.slice(-15).join('\n')}`,
    );
    if (ended !== app) return;
    starting = startUntilReady();
    // Whoever kills or stops the app next hears of it.
    starting.catch(() => {});
  };

  const kept: KeptApp = {
    kills: 0,
    failedStarts: 0,
    startMs: 1000,
    port: 0,
    faults: [],
    start: () => startUntilReady(),
    kill: async (between, againAfterMs) => {
      await starting;
      ending = app;
      await app?.kill();
      kept.kills += 1;
      await between?.();
      await startUntilReady(againAfterMs);
    },
    stop: async () => {
      await starting;
      ending = app;
      const code = await app?.stop();
      if (code !== 0) kept.faults.push(`told to stop, the app ended with exit code ${code}`);
    },
    abandon: () => {
      abandoned = true;
      lastDeath?.abort();
    },
  };
  return kept;
}
