import type { GitHub } from '../github/github.js';
import { mayWrite } from '../intake/may-write.js';
import { runIdOf } from '../intake/run-id-of.js';
import type { Log } from '../log.js';
import type { ControlStore, Stop } from '../runs/control-store.js';
import type { Run, RunStore } from '../runs/run-store.js';
import { sayAnswer } from '../runs/say-answer.js';
import { sayStatus } from '../runs/say-status.js';
import { RunEnded, type Settlement } from '../runs/settlement.js';
import type { Control, ObeyCommandSteps, Obeyed } from './obey-command.js';

interface Parts {
  store: RunStore;
  control: ControlStore;
  github: GitHub;
  /** Writes how a run ended where people look. */
  tellPeople: (run: Run, settlement: Settlement) => Promise<void>;
  reply: (trigger: Control, text: string) => Promise<void>;
  config: { webUrl: string };
  log: Log;
}

type OwnSteps = Pick<ObeyCommandSteps, 'findObjection' | 'stopRuns' | 'tellStatus' | 'tell' | 'reserveRetry'>;

export function createObeyCommandSteps(parts: Parts): OwnSteps {
  const { store, control, github, log } = parts;

  const keyOf = async (trigger: Obeyed) => ({
    repositoryId: trigger.repository.id,
    number: (await control.findIssue(trigger)) ?? trigger.issue.number,
  });
  const listLive = async (trigger: Obeyed): Promise<Run[]> => {
    const runs: Run[] = [];
    for (const { id } of await control.listLive(await keyOf(trigger))) {
      const run = await store.findRun(id);
      if (run) runs.push(run);
    }
    return runs;
  };
  /** A locked issue takes no comment: what was asked for is done all the same. */
  const reply = async (trigger: Control, text: string) => {
    try {
      await parts.reply(trigger, text);
    } catch (error) {
      if (!(error instanceof RunEnded)) throw error;
      log.warn({ delivery: trigger.deliveryId, because: error.message }, 'a command could not be answered');
    }
  };

  /** @returns false when it had ended by itself */
  const stopRun = async (id: string, stop: Stop): Promise<boolean> => {
    const settlement: Settlement = { kind: 'stopped', because: stop.because };
    await control.endQueued(id, settlement);
    const run = await store.findRun(id);
    // Looked up instead of remembered: this step may have died behind the one and before the other.
    if (run?.status === 'settled') {
      if (await store.findEnd(id)) return false;
      await parts.tellPeople(run, settlement);
      return true;
    }
    await control.requestStop(id, stop);
    return true;
  };

  return {
    findObjection: async (trigger) => {
      const { sender, repository, obstacle } = trigger;
      if (trigger.control === 'retry' && obstacle) return obstacle;
      if (sender.type !== 'User')
        return `@${sender.login} is not a person; someone who may write has to ask for it`;
      if (trigger.control === 'stop') {
        const live = await listLive(trigger);
        // Whoever asked for the work may call it off, also when the permission is gone since.
        if (live.length > 0 && live.every((run) => run.trigger.sender.id === sender.id)) return null;
      }
      const may = await github.call(repository, `ask what @${sender.login} may do`, (octokit) =>
        mayWrite(octokit, repository, sender),
      );
      return may
        ? null
        : `@${sender.login} may not write to this repository; someone who may has to ask for it`;
    },

    stopRuns: async (trigger) => {
      const stop: Stop =
        trigger.kind === 'end'
          ? { because: trigger.because, keep: false }
          : { because: `@${trigger.sender.login} stopped it`, keep: /^keep$/i.test(trigger.words) };
      let stopped = 0;
      for (const run of await listLive(trigger)) {
        if (trigger.kind === 'end' && trigger.label !== null && !isQueuedFor(run, trigger.label)) continue;
        if (await stopRun(run.id, stop)) stopped += 1;
      }
      return stopped;
    },

    tellStatus: async (trigger) => {
      const key = await keyOf(trigger);
      const live = await listLive(trigger);
      const latestId = live.length === 0 ? await control.findLatest(key) : null;
      const latest = latestId ? await store.findRun(latestId) : null;
      const told = [];
      for (const run of latest ? [latest] : live)
        told.push({
          run,
          events: await store.readEvents(run.id),
          ahead: await store.countAhead(run.id),
        });
      const { progressCommentId } = await store.readIssue(key);
      const { owner, name } = trigger.repository;
      const page = `${parts.config.webUrl}/${owner}/${name}/issues/${key.number}`;
      await reply(
        trigger,
        sayStatus(told, progressCommentId === null ? null : `${page}#issuecomment-${progressCommentId}`),
      );
    },

    tell: (trigger, topic) => reply(trigger, sayAnswer(topic)),

    reserveRetry: async (trigger) => {
      const id = runIdOf(trigger.deliveryId);
      const known = await store.findRun(id);
      if (known) return { run: known };
      const key = await keyOf(trigger);
      const latestId = await control.findLatest(key);
      const latest = latestId ? await store.findRun(latestId) : null;
      if (!latest) return 'nothing-to-retry';
      if ((await control.listLive(key)).length > 0) return 'already-going';
      const again = {
        ...latest.trigger,
        deliveryId: trigger.deliveryId,
        sender: trigger.sender,
        obstacle: null,
        resume: /^from scratch$/i.test(trigger.words) ? null : latest.id,
      };
      const reserved = await store.reserveRun(id, again, latest.story, key.number);
      if (!('run' in reserved)) return 'already-going';
      await store.appendEvent(id, {
        type: 'accepted',
        by: trigger.sender.login,
        trigger: `/retry${again.resume ? '' : ' from scratch'} of run ${latest.id}`,
      });
      return reserved;
    },
  };
}

function isQueuedFor({ status, trigger }: Run, label: string): boolean {
  return (
    status === 'queued' && trigger.kind === 'label' && trigger.label.toLowerCase() === label.toLowerCase()
  );
}
