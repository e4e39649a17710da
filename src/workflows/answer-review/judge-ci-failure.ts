import type { Config } from '../../config/read-config.js';
import type { ControlStore } from '../../database/control-store.js';
import { type FailedCheck, listFailedChecks } from '../../github/failed-checks.js';
import type { GitHub } from '../../github/github.js';
import type { Repository, Trigger } from '../../task/task.js';

export type CiFailureTrigger = Extract<Trigger, { kind: 'ci-failure' }>;

export interface JudgeDependencies {
  github: GitHub;
  control: ControlStore;
  config: Pick<Config, 'appId' | 'maxCiFixRuns'>;
}

const maxNames = 20;

/** What failed on the bot's commit: by its change, or whatever it changes. */
export interface Failures {
  ours: FailedCheck[];
  /** Checks of the same name fail on the base branch. */
  onBase: FailedCheck[];
}

/**
 * Whether failed checks are the bot's to look at: they are of its own commit, which is still the newest of an open pull
 * request, are not of its own making, and one of them nobody has looked at yet.
 */
export async function shouldFixCi(trigger: CiFailureTrigger, parts: JudgeDependencies): Promise<boolean> {
  const { github, control, config } = parts;
  const { repository, issue, headSha, byApp } = trigger;
  if (config.maxCiFixRuns === 0 || byApp === config.appId || trigger.refusalReason) return false;
  // That it is the bot's own commit was asked when the delivery came.
  const number = await control.findIssue(trigger);
  if (number === null) return false;
  const key = { repositoryId: repository.id, number };
  const looked = await control.findLookedAt(key, headSha, trigger.deliveryId);
  if (looked.isAwaited) return false;
  if (await control.wasBrokenOff(key)) return false;
  // People are asked already, and a run of another kind would take the question from them.
  if (await control.findOpenQuestion(key)) return false;
  return github.call(
    repository,
    'look at the pull request',
    async (octokit) => {
      const { owner, name: repo } = repository;
      const { data } = await octokit.rest.pulls.get({ owner, repo, pull_number: issue.number });
      if (data.state !== 'open' || data.head.sha !== headSha) return false;
      const failed = await listFailedChecks(octokit, repository, headSha, config.appId);
      return failed.some(({ name }) => !looked.names.includes(name));
    },
    'findings',
  );
}

/** Why no run is started for failed checks that are the bot's to look at; null: one is. */
export async function findCiRefusalReason(
  trigger: CiFailureTrigger,
  parts: JudgeDependencies,
): Promise<string | null> {
  const { repository, issue, headSha } = trigger;
  const { control, config } = parts;
  const number = (await control.findIssue(trigger)) ?? issue.number;
  const key = { repositoryId: repository.id, number };
  const failures = await readFailures(repository, issue.number, headSha, parts);
  const looked = await control.findLookedAt(key, headSha, trigger.deliveryId);
  const isNew = ({ name }: FailedCheck) => !looked.names.includes(name);
  const [ours, onBase] = [failures.ours.filter(isNew), failures.onBase.filter(isNew)];
  // Where nothing fails any more, the run finds that out for itself.
  if (ours.length === 0)
    return onBase.length > 0
      ? `failing on the base branch too, so not broken by this change: ${namesOf(onBase)}`
      : null;
  const done = await control.countRunsForChecks(key);
  if (done < config.maxCiFixRuns) return null;
  const runs = `${done} ${done === 1 ? 'run' : 'runs'} about failed checks in a row`;
  const old = onBase.length > 0 ? `; failing on the base branch too: ${namesOf(onBase)}` : '';
  return `still failing after ${runs}, which is the limit here (MAX_CI_FIX_RUNS): ${namesOf(ours)}${old}`;
}

/** @param number of the pull request */
export async function readFailures(
  repository: Repository,
  number: number,
  headSha: string,
  { github, config }: Pick<JudgeDependencies, 'github' | 'config'>,
): Promise<Failures> {
  return github.call(
    repository,
    'read which checks failed',
    async (octokit) => {
      const { owner, name: repo } = repository;
      const { data } = await octokit.rest.pulls.get({ owner, repo, pull_number: number });
      const failed = await listFailedChecks(octokit, repository, headSha, config.appId);
      if (failed.length === 0) return { ours: [], onBase: [] };
      // Where the work began, and where the branch is now: what fails at either of them is no news.
      const before = new Set<string>();
      for (const ref of [data.base.sha, `heads/${data.base.ref}`])
        for (const { name } of await listFailedChecks(octokit, repository, ref, config.appId))
          before.add(name);
      return {
        ours: failed.filter(({ name }) => !before.has(name)),
        onBase: failed.filter(({ name }) => before.has(name)),
      };
    },
    'findings',
  );
}

/** In words, and not more of them than anybody reads. */
export function namesOf(checks: readonly FailedCheck[]): string {
  const all = checks.map(({ name, conclusion }) =>
    conclusion === 'timed_out' ? `${name} (timed out)` : name,
  );
  // Several Apps may have a check of the same name.
  const names = [...new Set(all)];
  const more = names.length - maxNames;
  return [...names.slice(0, maxNames), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
