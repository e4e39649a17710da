import { readWatermarks, setWatermark } from '../../database/watermarks.js';
import { listInstallations, listRepositories } from '../../github/repositories.js';
import { fieldsOfTrigger } from '../../runs/log-fields.js';
import { RunEndedError } from '../../runs/outcome.js';
import { RetryLater } from '../../runs/retry-later.js';
import type { Trigger } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';
import { findMissedCommands } from './find-missed-commands.js';
import { findMissedLabels } from './find-missed-labels.js';
import { laterOf, lookBackMs, overlapMs, type SearchPlace } from './look-back.js';

type FindDependencies = Pick<Dependencies, 'db' | 'github' | 'config' | 'log' | 'now'>;

/**
 * The maximum number of repositories per search. It keeps each search far below GitHub's limit of 5,000
 * requests an hour for each installation.
 */
const maxPlaces = 100;

/**
 * Searches issues and comments for triggers that no delivery has reported. GitHub does not guarantee that
 * every delivery arrives.
 * @param record records a trigger as if its delivery had arrived
 */
export async function findMissedTriggers(
  d: FindDependencies,
  record: (event: string, trigger: Trigger) => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  for (const place of await listPlaces(d)) {
    if (signal.aborted) return;
    let failure: unknown = null;
    try {
      for (const trigger of await findMissedLabels(d, place)) await take('issues', trigger);
      for (const trigger of await findMissedCommands(d, place)) await take('issue_comment', trigger);
    } catch (error) {
      failure = error;
    }
    await leave(d, place, failure);
  }

  async function take(event: string, trigger: Trigger): Promise<void> {
    await record(event, trigger);
    const about = { ...fieldsOfTrigger(trigger), url: trigger.issue.url };
    d.log.info({ ...about, trigger: trigger.kind }, 'found a trigger that was missed');
  }
}

/** Lists the repositories where the App is installed, least recently searched first, at most `maxPlaces`. */
async function listPlaces(d: FindDependencies): Promise<SearchPlace[]> {
  const begun = d.now();
  const earliest = new Date(begun.getTime() - lookBackMs);
  const found: Pick<SearchPlace, 'repository' | 'since'>[] = [];
  for (const { id, createdAt } of await listInstallations(d.github))
    for (const repository of await listRepositories(d.github, id))
      found.push({ repository, since: laterOf(earliest, createdAt) });
  const ids = found.map(({ repository }) => repository.id);
  const marks = await readWatermarks(d.db, [...ids.map(searched), ...ids.map(commentsOf)]);
  const places = found.map(({ repository, since }) => {
    const mark = marks.get(commentsOf(repository.id));
    const commentsSince = laterOf(since, mark && new Date(mark.getTime() - overlapMs));
    return { repository, since, commentsSince, begun };
  });
  const lastSearch = ({ repository }: SearchPlace) => marks.get(searched(repository.id))?.getTime() ?? 0;
  places.sort((one, other) => lastSearch(one) - lastSearch(other));
  if (places.length > maxPlaces)
    d.log.info(
      { repositories: places.length, now: maxPlaces },
      'the remaining repositories will be searched later',
    );
  return places.slice(0, maxPlaces);
}

/**
 * Records when a repository was searched. If the search failed, logs the failure.
 * @throws `failure` if the search of all repositories must end. This is the case if (1) GitHub is
 * unavailable, (2) GitHub's rate limit is reached, or (3) this worker has lost its lease.
 */
async function leave(
  { db, log }: FindDependencies,
  { repository, begun }: SearchPlace,
  failure: unknown,
): Promise<void> {
  if (failure instanceof RetryLater) throw failure;
  if (failure instanceof Error && failure.name === 'Fenced') throw failure;
  const about = { repository: `${repository.owner}/${repository.name}` };
  if (failure instanceof RunEndedError)
    log.warn({ ...about, reason: failure.message }, 'GitHub refused the search for missed triggers');
  else if (failure) log.error({ ...about, err: failure }, 'the search for missed triggers failed');
  else await setWatermark(db, commentsOf(repository.id), begun);
  // Record the time of the search even if the search failed. The next search begins with the least recently
  // searched repositories. Without the record, a repository that always fails would always come first.
  await setWatermark(db, searched(repository.id), begun);
}

const searched = (repositoryId: number) => `repository ${repositoryId}`;
const commentsOf = (repositoryId: number) => `comments of ${repositoryId}`;
