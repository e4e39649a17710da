import { isLabelKnown } from '../../database/deliveries.js';
import { listBusyIssues } from '../../database/runs.js';
import { findLastEdit, type GitHubIssue, listLabeledIssues, readLastEvents } from '../../github/issues.js';
import { readSettingsText } from '../../github/repositories.js';
import { agentOfLabel } from '../../task/agent-of-label.js';
import { namesLabel } from '../../task/settings.js';
import type { Repository, Trigger } from '../../task/task.js';
import { findLabeling, triggerFromLabeling } from '../../webhooks/trigger-from-history.js';
import type { Dependencies } from '../dependencies.js';
import type { SearchPlace } from './look-back.js';

type FindDependencies = Pick<Dependencies, 'db' | 'github' | 'config'>;

const maxTriggers = 30;

/**
 * Finds labels that stand for an agent and that no delivery has reported. Searches only open issues without a
 * live run.
 */
export async function findMissedLabels(
  d: FindDependencies,
  { repository, since }: SearchPlace,
): Promise<Trigger[]> {
  const issues = await listLabeledIssues(d.github, repository, since);
  const names = issues.flatMap(({ labels }) => labels);
  const mapped = await chooseMapped(d, repository, names);
  const busy = await listBusyIssues(d.db, repository.id);
  const triggers: Trigger[] = [];
  for (const issue of issues)
    for (const label of issue.labels.filter((name) => mapped.has(name))) {
      // An issue has at most one live run. After that run ends, a later search finds this label again.
      if (busy.has(issue.number) || triggers.length >= maxTriggers) continue;
      const trigger = await findTrigger(d, repository, issue, label, since);
      if (trigger) triggers.push(trigger);
    }
  return triggers;
}

async function findTrigger(
  { db, github }: FindDependencies,
  repository: Repository,
  issue: GitHubIssue,
  label: string,
  since: Date,
): Promise<Trigger | null> {
  const key = { repositoryId: repository.id, number: issue.number };
  if (await isLabelKnown(db, key, label, issue.updatedAt)) return null;
  const labeling = findLabeling(await readLastEvents(github, repository, issue.number), label);
  if (!labeling || new Date(labeling.at) < since) return null;
  if (await isLabelKnown(db, key, label, labeling.at)) return null;
  const editedAt = await findLastEdit(github, repository, issue.number);
  const found = { ...issue.raw, number: issue.number, title: issue.title, editedAt };
  return triggerFromLabeling(repository, found, label, labeling);
}

/** Returns the given labels that the operator or the repository maps to an agent. */
async function chooseMapped(
  { github, config }: FindDependencies,
  repository: Repository,
  names: string[],
): Promise<Set<string>> {
  const others = names.filter((name) => agentOfLabel(config.labels, name) === null);
  const settings = others.length > 0 ? await readSettingsText(github, repository) : null;
  return new Set(
    names.filter((name) => !others.includes(name) || (settings !== null && namesLabel(settings, name))),
  );
}
