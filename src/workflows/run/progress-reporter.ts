/** Shows a run's progress where people look, while it goes on. */
export interface ProgressReporter {
  /** Starts to follow a run; a second time changes nothing. */
  follow(runId: string): void;
  /** Stops following it; when this resolves, no write of this reporter is on its way any more. */
  leave(runId: string): Promise<void>;
}

/** GitHub asks for no more than that of comments and their edits. */
const intervalMs = 10_000;

/**
 * Edits the progress comment every ten seconds when there is something new. Not durable and not a step on purpose: an
 * edit that is lost is made up for by the next one, and the last word is written by a step (`tellPeople`).
 * @param write brings the comment up to date; does nothing when the text is the same as before
 * @param failed told when it could not be written
 */
export function createProgressReporter(
  write: (runId: string) => Promise<void>,
  failed: (runId: string, error: unknown) => void,
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
            .catch((error) => failed(runId, error));
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
