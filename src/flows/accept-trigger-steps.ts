import type { GitHub } from '../github/github.js';
import { isWithdrawn } from '../intake/is-withdrawn.js';
import { mayWrite } from '../intake/may-write.js';
import { readSettingsText } from '../intake/read-settings-text.js';
import { runIdOf } from '../intake/run-id-of.js';
import type { Log } from '../log.js';
import type { IntakeStore } from '../runs/intake-store.js';
import type { Run, RunStore } from '../runs/run-store.js';
import { RunEnded, type Settlement } from '../runs/settlement.js';
import { agentOfLabel } from '../task/agent-of-label.js';
import { namesLabel } from '../task/settings.js';
import type { Trigger } from '../task/task.js';
import type { AcceptTriggerSteps } from './accept-trigger.js';
import type { Doorkeeper } from './admit-runs.js';
import type { RestartRunSteps } from './restart-run.js';

interface Parts {
  store: RunStore;
  intake: IntakeStore;
  github: GitHub;
  doorkeeper: Doorkeeper;
  /** The operator's map, label -> agent. */
  labels: Readonly<Record<string, string>>;
  showProgress: (run: Run) => Promise<void>;
  refuse: (trigger: Trigger, because: string) => Promise<void>;
  log: Log;
  now: () => Date;
}

/** By then a label may be off again, and a comment gone. */
const lateMs = 60_000;

export function createAcceptTriggerSteps(
  parts: Parts,
): AcceptTriggerSteps & Pick<RestartRunSteps, 'reserveAnother'> {
  const { store, intake, github, doorkeeper, labels, log } = parts;
  /** For what is a courtesy: a comment that was deleted or an issue that was locked meanwhile ends nothing. */
  const unlessRefused = async (what: string, trigger: Trigger, body: () => Promise<unknown>) => {
    try {
      await body();
    } catch (error) {
      if (!(error instanceof RunEnded)) throw error;
      log.warn({ delivery: trigger.deliveryId, because: error.message }, what);
    }
  };

  const react = async (trigger: Trigger, content: 'eyes' | 'confused') => {
    if (trigger.kind !== 'command') return;
    const { owner, name: repo } = trigger.repository;
    const { commentId: comment_id } = trigger;
    await unlessRefused('the command could not be reacted to', trigger, () =>
      github.call(trigger.repository, 'react to the command', (octokit) =>
        octokit.rest.reactions.createForIssueComment({ owner, repo, comment_id, content }),
      ),
    );
  };

  /** Only what comes late is asked about: the usual delivery is here in a second. */
  const isWithdrawnMeanwhile = async (trigger: Trigger) => {
    if (parts.now().getTime() - Date.parse(trigger.at) < lateMs) return false;
    try {
      return await github.call(trigger.repository, 'see whether it is still asked for', (octokit) =>
        isWithdrawn(octokit, trigger),
      );
    } catch (error) {
      if (!(error instanceof RunEnded)) throw error;
      // Whatever is in the way is found, and said, by the steps behind this one.
      log.warn({ delivery: trigger.deliveryId, because: error.message }, 'a late trigger was taken unseen');
      return false;
    }
  };

  return {
    concernsUs: async (trigger) => {
      if (await isWithdrawnMeanwhile(trigger)) return false;
      if (trigger.kind === 'command' || agentOfLabel(labels, trigger.label) !== null) return true;
      try {
        // Labels that no operator mapped may be mapped by the repository itself, on its default branch.
        const text = await github.call(trigger.repository, "read the repository's settings", (octokit) =>
          readSettingsText(octokit, trigger.repository),
        );
        return text !== null && namesLabel(text, trigger.label);
      } catch (error) {
        if (!(error instanceof RunEnded)) throw error;
        // Most labels are nobody's: to answer each of them would be noise.
        log.error({ delivery: trigger.deliveryId, because: error.message }, 'a label could not be looked up');
        return false;
      }
    },

    findRefusal: async (trigger) => {
      const { sender, repository } = trigger;
      if (trigger.obstacle) return trigger.obstacle;
      if (sender.type !== 'User')
        return `@${sender.login} is not a person; someone who may write has to ask for it`;
      const may = await github.call(repository, `ask what @${sender.login} may do`, (octokit) =>
        mayWrite(octokit, repository, sender),
      );
      return may
        ? null
        : `@${sender.login} may not write to this repository; someone who may has to ask for it`;
    },

    reserveRun: async (trigger) => {
      const reserved = await store.reserveRun(runIdOf(trigger.deliveryId), trigger);
      if ('run' in reserved)
        await store.appendEvent(reserved.run.id, {
          type: 'accepted',
          by: trigger.sender.login,
          trigger: trigger.kind === 'label' ? `label ${trigger.label}` : '/implement',
        });
      return reserved;
    },

    reserveAnother: async (run) => {
      const deliveryId = `again-${run.id}`;
      const trigger = { ...run.trigger, deliveryId };
      await store.recordDelivery('restart', trigger);
      const reserved = await store.reserveRun(runIdOf(deliveryId), trigger);
      await store.recordOutcome(
        deliveryId,
        'run' in reserved ? `run ${reserved.run.id}` : 'asked for again by people',
      );
      if (!('run' in reserved)) return null;
      await store.appendEvent(reserved.run.id, {
        type: 'accepted',
        by: trigger.sender.login,
        trigger: `run ${run.id}, which was stopped`,
      });
      return reserved.run;
    },

    refuse: async (trigger, because) => {
      log.info({ delivery: trigger.deliveryId, issue: trigger.issue.url, because }, 'trigger refused');
      // Two programs would answer each other for ever, and whoever may comment could have the bot fill an issue.
      if (await intake.wasRefused(trigger, because)) return react(trigger, 'confused');
      await unlessRefused('the refusal could not be written on the issue', trigger, () =>
        parts.refuse(trigger, because),
      );
    },

    react: (trigger) => react(trigger, 'eyes'),

    announce: async (run) => {
      await store.appendEvent(run.id, { type: 'queued', ahead: await store.countAhead(run.id) });
      await doorkeeper.whyHeld(run.id);
      await parts.showProgress(run);
    },

    admit: ({ id }) => doorkeeper.admit(id),

    close: async (trigger, outcome) => {
      await store.recordOutcome(trigger.deliveryId, outcome);
    },

    abandon: async (trigger, because) => {
      const id = runIdOf(trigger.deliveryId);
      if (!(await store.findRun(id))) return;
      const settlement: Settlement = { kind: 'failed', because };
      log.error({ run: id, issue: trigger.issue.url, because }, 'a run could not be queued');
      await store.appendEvent(id, { type: 'settled', settlement });
      await store.markSettled(id, settlement);
    },
  };
}
