/** Keeps a run's progress comment up to date while the run works. */
export interface ProgressReporter {
  /** Starts regular updates for a run. A second call for the same run does nothing. */
  follow(runId: string): void;
  /** Stops the updates for a run. Resolves when no update is in progress. */
  leave(runId: string): Promise<void>;
}

/** The interval between updates. GitHub asks for at most one new or edited comment every ten seconds. */
const intervalMs = 10_000;

/**
 * Creates a reporter that edits progress comments every ten seconds. An edit need not be a durable step: if
 * one is lost, the next one replaces it, and the step `tell-people` writes the final text.
 * @param write updates a run's comment if its text changed
 * @param onError called when an update fails
 */
export function createProgressReporter(
  write: (runId: string) => Promise<void>,
  onError: (runId: string, error: unknown) => void,
): ProgressReporter {
  const followed = new Map<string, { timer: NodeJS.Timeout; writing: Promise<void> }>();
  return {
    follow: (runId) => {
      if (followed.has(runId)) return;
      const entry = {
        writing: Promise.resolve(),
        timer: setInterval(() => {
          entry.writing = entry.writing
            .then(() => (followed.has(runId) ? write(runId) : undefined))
            .catch((error) => onError(runId, error));
        }, intervalMs),
      };
      entry.timer.unref();
      followed.set(runId, entry);
    },
    leave: async (runId) => {
      const entry = followed.get(runId);
      if (!entry) return;
      clearInterval(entry.timer);
      followed.delete(runId);
      await entry.writing;
    },
  };
}
