/** Keeps a run's progress comment up to date while the run works. */
export interface ProgressReporter {
  /** Starts to follow a run. Repeated calls change nothing. */
  follow(runId: string): void;
  /** Stops following it. Resolves once no write is in flight. */
  leave(runId: string): Promise<void>;
}

/** GitHub asks for no more comments and edits than one in ten seconds. */
const intervalMs = 10_000;

/**
 * Edits the progress comment every ten seconds. This is deliberately not a durable step: a later edit
 * replaces a lost one, and the step `tell-people` writes the last one.
 * @param write updates the comment if its text changed
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
