import type { Log } from '../log.js';
import type { RunStore } from '../runs/run-store.js';
import { RunEnded } from '../runs/settlement.js';
import type { Workspaces } from '../workspace/open-workspaces.js';
import type { EndRunSteps } from './end-run.js';
import type { Publisher } from './publisher.js';

export interface EndRunParts {
  store: RunStore;
  publisher: Publisher;
  workspaces: Workspaces;
  log: Log;
}

export function createEndRunSteps({ store, publisher, workspaces, log }: EndRunParts): EndRunSteps {
  return {
    tellPeople: async (run, settlement) => {
      await store.appendEvent(run.id, { type: 'settled', settlement });
      await publisher.leave(run.id);
      try {
        await publisher.showProgress(run.id);
      } catch (error) {
        // Nobody can be told there any more (the issue or the App is gone): the run's record still says it.
        if (!(error instanceof RunEnded)) throw error;
        log.warn(
          { run: run.id, because: error.message },
          'the end of the run could not be written on its issue',
        );
      }
    },

    settle: async (run, settlement) => {
      await store.markSettled(run.id, settlement);
      log.info({ run: run.id, issue: run.trigger.issue.url, settlement }, 'run settled');
      await workspaces.discard(run.id);
    },
  };
}
