import type { ControlStore } from '../../database/control-store.js';
import type { Run, RunStore } from '../../database/run-store.js';
import type { GitHub } from '../../github/github.js';
import type { Log } from '../../log.js';
import { RunEndedError } from '../../runs/outcome.js';
import { needsInfoLabel } from '../../task/needs-info.js';
import type { Workspaces } from '../../workspace/workspace.js';
import type { EndRunSteps } from './end-run.js';
import type { Publisher } from './publisher.js';
import { redactOutcome } from './redact-outcome.js';

export interface EndRunParts {
  store: RunStore;
  control: ControlStore;
  publisher: Publisher;
  github: GitHub;
  workspaces: Workspaces;
  log: Log;
}

export function createEndRunSteps({
  store,
  control,
  publisher,
  github,
  workspaces,
  log,
}: EndRunParts): EndRunSteps {
  /** The run before it that has its comment in the same place. */
  const findBefore = async ({ id, trigger, issueNumber: number }: Run) => {
    for (const earlier of await control.listEarlier({ repositoryId: trigger.repository.id, number }, id))
      if ((await store.findRun(earlier))?.trigger.issue.number === trigger.issue.number) return earlier;
    return null;
  };

  /** By this label a comment is known for an answer. */
  const putLabelOn = ({ trigger: { repository, issue } }: Run) =>
    github.call(
      repository,
      'put a label on',
      (octokit) =>
        octokit.rest.issues.addLabels({
          owner: repository.owner,
          repo: repository.name,
          issue_number: issue.number,
          labels: [needsInfoLabel],
        }),
      'talk',
    );

  return {
    tellPeople: async (run, ended) => {
      const outcome = await redactOutcome(ended, publisher.redact);
      await store.appendEvent(run.id, { type: 'settled', outcome });
      await publisher.leave(run.id);
      try {
        const stands = outcome.kind === 'stopped' && outcome.superseded ? await findBefore(run) : null;
        await publisher.showProgress(stands ?? run.id);
        if (outcome.kind === 'question') await putLabelOn(run);
      } catch (error) {
        // Nobody can be told there any more (the issue or the App is gone): the run's record still says it.
        if (!(error instanceof RunEndedError)) throw error;
        log.warn(
          { run: run.id, reason: error.message },
          'the end of the run could not be written on its issue',
        );
      }
    },

    settle: async (run, ended) => {
      const outcome = await redactOutcome(ended, publisher.redact);
      await store.recordOutcome(run.id, outcome);
      log.info({ run: run.id, issue: run.trigger.issue.url, outcome }, 'run settled');
      await workspaces.discard(run.id);
    },
  };
}
