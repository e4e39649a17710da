import type { Queryable } from '../../../database/queryable.js';
import { findRequester } from '../../../database/runs.js';
import type { Run } from '../../../runs/run.js';
import type { Person } from '../../../task/task.js';

/**
 * Finds the person who must hear of a run: the one who asked for it. If the run continues after an answer,
 * this is the one who asked for the work. The answer can come from an author without write access.
 * @returns null if no person asked, as for a repair of CI or for a merge
 */
export async function findPersonToTell(
  db: Queryable,
  { trigger, issueNumber }: Pick<Run, 'trigger' | 'issueNumber'>,
): Promise<Person | null> {
  const { kind, sender, repository } = trigger;
  if (kind === 'ci-failure' || kind === 'conflict') return null;
  const key = { repositoryId: repository.id, number: issueNumber };
  const person = kind === 'answer' ? ((await findRequester(db, key)) ?? sender) : sender;
  return person.type === 'User' ? person : null;
}
