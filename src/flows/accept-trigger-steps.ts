import type { Octokit } from '@octokit/rest';
import type { GitHub } from '../github/github.js';
import { mayWrite } from '../intake/may-write.js';
import { runIdOf } from '../intake/run-id-of.js';
import type { Log } from '../log.js';
import type { Run, RunStore } from '../runs/run-store.js';
import { parseSettings, settingsPath } from '../task/settings.js';
import type { Trigger } from '../task/task.js';
import type { AcceptTriggerSteps } from './accept-trigger.js';

interface Parts {
  store: RunStore;
  github: GitHub;
  /** The operator's map, label -> agent. */
  labels: Readonly<Record<string, string>>;
  showProgress: (run: Run) => Promise<void>;
  refuse: (trigger: Trigger, because: string) => Promise<void>;
  log: Log;
}

export function createAcceptTriggerSteps(parts: Parts): Omit<AcceptTriggerSteps, 'enqueue'> {
  const { store, github, labels, log } = parts;

  return {
    concernsUs: async (trigger) =>
      trigger.kind === 'command' ||
      trigger.label in labels ||
      (await github.call(trigger.repository, "read the repository's settings", (octokit) =>
        isRepositoryLabel(octokit, trigger, trigger.label),
      )),

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

    refuse: async (trigger, because) => {
      log.info({ delivery: trigger.deliveryId, issue: trigger.issue.url, because }, 'trigger refused');
      await parts.refuse(trigger, because);
    },

    react: async (trigger) => {
      if (trigger.kind !== 'command') return;
      const { owner, name: repo } = trigger.repository;
      await github.call(trigger.repository, 'react to the command', (octokit) =>
        octokit.rest.reactions.createForIssueComment({
          owner,
          repo,
          comment_id: trigger.commentId,
          content: 'eyes',
        }),
      );
    },

    announce: async (run) => {
      await store.appendEvent(run.id, { type: 'queued', ahead: await store.countAhead(run.id) });
      await parts.showProgress(run);
    },

    close: async (trigger, outcome) => {
      await store.recordOutcome(trigger.deliveryId, outcome);
    },
  };
}

/** Labels that no operator mapped may be mapped by the repository itself, on its default branch. */
async function isRepositoryLabel(octokit: Octokit, { repository }: Trigger, label: string): Promise<boolean> {
  try {
    const { data } = await octokit.rest.repos.getContent({
      owner: repository.owner,
      repo: repository.name,
      path: settingsPath,
      mediaType: { format: 'raw' },
    });
    const parsed = parseSettings(String(data));
    return 'settings' in parsed && label in parsed.settings.labels;
  } catch (error) {
    if ((error as { status?: number }).status === 404) return false;
    throw error;
  }
}
