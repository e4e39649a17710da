import type { Octokit } from '@octokit/rest';
import type { IntakeStore } from '../../database/intake-store.js';
import type { GitHub } from '../../github/github.js';
import { readEdits, readLastEvents } from '../../github/read-issue.js';
import { readPages } from '../../github/read-pages.js';
import { readSettingsText } from '../../github/read-settings-text.js';
import type { Log } from '../../log.js';
import { RunEndedError } from '../../runs/outcome.js';
import { RetryLater } from '../../runs/retry-later.js';
import { agentOfLabel } from '../../task/agent-of-label.js';
import { namesLabel } from '../../task/settings.js';
import type { Repository, Trigger } from '../../task/task.js';
import { isFailedTrigger } from '../../webhooks/is-failed-trigger.js';
import { parseCommand } from '../../webhooks/parse-command.js';
import {
  type FoundComment,
  type FoundIssue,
  findLabeling,
  mayBeCommand,
  triggerFromComment,
  triggerFromLabeling,
} from '../../webhooks/trigger-from-history.js';
import type { FindMissedSteps, Place } from './find-missed.js';

interface Parts {
  store: IntakeStore;
  github: GitHub;
  /** The operator's map, label -> agent. */
  labels: Readonly<Record<string, string>>;
  recordTrigger: (event: string, trigger: Trigger) => Promise<boolean>;
  /** Between two rounds that ask for redelivery. */
  redeliverEveryMs: number;
  log: Log;
  now: () => Date;
}

const minuteMs = 60_000;
/** GitHub keeps deliveries for three days, and so long is looked back. */
const lookBackMs = 3 * 24 * 3_600_000;
/** What is on its way is listed late. */
const overlapMs = 10 * minuteMs;

// A round stays far below GitHub's limits, 5,000 requests an hour for each installation.
const maxAttemptPages = 50;
const maxRedeliveries = 50;
const maxRepositoryPages = 30;
const maxPlaces = 100;
const maxIssuePages = 3;
const maxCommentPages = 10;
const maxTriggers = 30;

export function createFindMissedSteps(parts: Parts): FindMissedSteps {
  const { store, github, log, now } = parts;
  const earliest = () => new Date(now().getTime() - lookBackMs);

  return {
    listFailed: async () => {
      const begun = now();
      const mark = (await store.readMarks(['failed deliveries'])).get('failed deliveries');
      const since = later(earliest(), mark && new Date(mark.getTime() - overlapMs));
      const failed = await github.callAsApp('list its failed deliveries', async (octokit) => {
        const pages = octokit.paginate.iterator(octokit.rest.apps.listWebhookDeliveries, {
          status: 'failure',
          per_page: 100,
        });
        return readPages(pages, maxAttemptPages, (attempt) => new Date(attempt.delivered_at) >= since);
      });
      await store.noteFailed(
        failed
          .filter(isFailedTrigger)
          .map(({ guid, id, delivered_at }) => ({ guid, id, failedAt: new Date(delivered_at) })),
      );
      await store.setMark('failed deliveries', begun);
      return store.dueForRedelivery(maxRedeliveries);
    },

    redeliver: async ({ guid, attempt }) => {
      try {
        await github.callAsApp('deliver again what failed', (octokit) =>
          octokit.rest.apps.redeliverWebhookDelivery({ delivery_id: attempt }),
        );
        log.info({ delivery: guid }, 'a delivery that failed was asked for again');
      } catch (error) {
        // GitHub has forgotten it, or never gives it again: nothing is won by asking at once.
        if (!(error instanceof RunEndedError)) throw error;
        log.warn({ delivery: guid, reason: error.message }, 'a delivery that failed cannot be had again');
      }
      await store.noteAsked(guid, attempt, parts.redeliverEveryMs);
    },

    listPlaces: async () => {
      const begun = now();
      const found: Pick<Place, 'repository' | 'since'>[] = [];
      const installations = await github.callAsApp('list its installations', (octokit) =>
        octokit.paginate(octokit.rest.apps.listInstallations, { per_page: 100 }),
      );
      for (const { id, created_at, suspended_at } of installations) {
        if (suspended_at) continue;
        const since = later(earliest(), new Date(created_at));
        found.push(...(await listRepositories(github, id)).map((repository) => ({ repository, since })));
      }
      const ids = found.map(({ repository }) => repository.id);
      const marks = await store.readMarks([...ids.map(lookedAt), ...ids.map(commentsOf)]);
      const places = found.map(({ repository, since }) => {
        const mark = marks.get(commentsOf(repository.id));
        const commentsSince = later(since, mark && new Date(mark.getTime() - overlapMs));
        return { repository, since, commentsSince, begun };
      });
      const looked = ({ repository }: Place) => marks.get(lookedAt(repository.id))?.getTime() ?? 0;
      places.sort((one, other) => looked(one) - looked(other));
      if (places.length > maxPlaces)
        log.info({ repositories: places.length, now: maxPlaces }, 'the others are looked through later');
      return places.slice(0, maxPlaces);
    },

    findLabels: ({ repository, since }) =>
      github.call(repository, 'look for labels that were missed', async (octokit) => {
        const { owner, name: repo } = repository;
        const pages = octokit.paginate.iterator(octokit.rest.issues.listForRepo, {
          owner,
          repo,
          state: 'open',
          sort: 'updated',
          direction: 'desc',
          since: since.toISOString(),
          per_page: 100,
        });
        const issues = (await readPages(pages, maxIssuePages)).filter(
          ({ pull_request, labels }) => !pull_request && labels.length > 0,
        );
        const mapped = await chooseLabels(octokit, repository, issues.flatMap(namesOfLabels), parts.labels);
        const busy = await store.busyIssues(repository.id);
        const triggers: Trigger[] = [];
        for (const issue of issues) {
          const key = { repositoryId: repository.id, number: issue.number };
          for (const label of namesOfLabels(issue).filter((name) => mapped.has(name))) {
            // One run at a time; the label is found again when that one has ended.
            if (busy.has(issue.number) || triggers.length >= maxTriggers) continue;
            if (await store.isLabelKnown(key, label, issue.updated_at)) continue;
            const labeling = findLabeling(await readLastEvents(octokit, repository, issue.number), label);
            if (!labeling || new Date(labeling.at) < since) continue;
            if (await store.isLabelKnown(key, label, labeling.at)) continue;
            const editedAt = await readEdits(octokit, repository, issue.number);
            const trigger = triggerFromLabeling(repository, { ...issue, editedAt }, label, labeling);
            if (trigger) triggers.push(trigger);
          }
        }
        return triggers;
      }),

    findCommands: async ({ repository, commentsSince }) => {
      const { login: bot } = await github.bot();
      return github.call(repository, 'look for commands that were missed', async (octokit) => {
        const { owner, name: repo } = repository;
        const since = commentsSince;
        const pages = octokit.paginate.iterator(octokit.rest.issues.listCommentsForRepo, {
          owner,
          repo,
          sort: 'created',
          direction: 'desc',
          since: since.toISOString(),
          per_page: 100,
        });
        const comments = await readPages(
          pages,
          maxCommentPages,
          ({ created_at }) => new Date(created_at) >= since,
        );
        const commands = comments
          .filter((comment) => mayBeCommand(comment) && parseCommand(comment.body ?? ''))
          .reverse();
        const ids = commands.map(({ id }) => id);
        const known = await store.knownComments(repository.id, ids);
        const triggers: Trigger[] = [];
        for (const comment of commands) {
          if (known.has(comment.id) || (await isAnswered(octokit, repository, comment, bot))) continue;
          const issue = await readIssue(octokit, repository, comment);
          const trigger = triggerFromComment(repository, issue, comment);
          if (trigger) triggers.push(trigger);
        }
        return triggers;
      });
    },

    take: async (trigger) => {
      await parts.recordTrigger(trigger.kind === 'label' ? 'issues' : 'issue_comment', trigger);
      log.info(
        { delivery: trigger.deliveryId, issue: trigger.issue.url, trigger: trigger.kind },
        'a trigger that no delivery told of was found',
      );
    },

    leave: async ({ repository, begun }, reason) => {
      if (reason instanceof RetryLater) throw reason;
      if (reason instanceof Error && reason.name === 'Fenced') throw reason;
      const about = { repository: `${repository.owner}/${repository.name}` };
      if (reason instanceof RunEndedError)
        log.info({ ...about, reason: reason.message }, 'a repository cannot be looked through');
      else if (reason) log.error({ ...about, err: reason }, 'a repository could not be looked through');
      else await store.setMark(commentsOf(repository.id), begun);
      // One with a fault must not be in the way of the others.
      await store.setMark(lookedAt(repository.id), begun);
    },
  };
}

const lookedAt = (repositoryId: number) => `repository ${repositoryId}`;
const commentsOf = (repositoryId: number) => `comments of ${repositoryId}`;

function later(one: Date, other: Date | undefined): Date {
  return other && other > one ? other : one;
}

async function listRepositories(github: GitHub, installationId: number): Promise<Repository[]> {
  const listed = await github.callInstallation(installationId, 'list its repositories', (octokit) =>
    readPages(
      octokit.paginate.iterator(octokit.rest.apps.listReposAccessibleToInstallation, { per_page: 100 }),
      maxRepositoryPages,
    ),
  );
  return listed
    .filter(({ archived, disabled, has_issues }) => !archived && !disabled && has_issues)
    .map((repository) => ({
      id: repository.id,
      owner: repository.owner.login,
      name: repository.name,
      defaultBranch: repository.default_branch,
      private: repository.private,
      installationId,
    }));
}

function namesOfLabels({ labels }: { labels: (string | { name?: string | undefined })[] }): string[] {
  return labels.map((label) => (typeof label === 'string' ? label : (label.name ?? ''))).filter(Boolean);
}

/** Those of the labels that someone mapped: the operator or, looked up where others are about, the repository. */
async function chooseLabels(
  octokit: Octokit,
  repository: Repository,
  names: string[],
  operators: Readonly<Record<string, string>>,
): Promise<Set<string>> {
  const others = names.filter((name) => agentOfLabel(operators, name) === null);
  const settings = others.length > 0 ? await readSettingsText(octokit, repository) : null;
  return new Set(
    names.filter((name) => !others.includes(name) || (settings !== null && namesLabel(settings, name))),
  );
}

/** Whether the bot has reacted: then a delivery had come, and only our record of it is gone. */
async function isAnswered(
  octokit: Octokit,
  { owner, name: repo }: Repository,
  { id, reactions }: FoundComment & { reactions?: { eyes: number } | undefined },
  bot: string,
): Promise<boolean> {
  if (!reactions?.eyes) return false;
  const all = await octokit.paginate(octokit.rest.reactions.listForIssueComment, {
    owner,
    repo,
    comment_id: id,
    content: 'eyes',
    per_page: 100,
  });
  return all.some(({ user }) => user?.login === bot);
}

async function readIssue(
  octokit: Octokit,
  repository: Repository,
  { issue_url: url }: { issue_url: string },
): Promise<FoundIssue> {
  const { data } = await octokit.rest.issues.get({
    owner: repository.owner,
    repo: repository.name,
    issue_number: Number(url.split('/').at(-1)),
  });
  const editedAt = data.pull_request ? null : await readEdits(octokit, repository, data.number);
  return { ...data, editedAt };
}
