import { appendEvent } from '../../../database/run-events.js';
import { compareApi as compare } from '../../../evidence/api/compare-api.js';
import type { Api } from '../../../evidence/evidence.js';
import type { Task } from '../../../task/task.js';
import type { Dependencies } from '../../dependencies.js';
import { openWorkspace } from '../open-workspace.js';
import type { ProjectSetup } from '../project-setup.js';

/**
 * Compares the API before and after the change, as far as files describe it.
 * @returns null if the change touches no description of an API
 */
export async function compareApi(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  change: string,
): Promise<Api | null> {
  const workspace = await openWorkspace(d.workspaces, task, project);
  const commits = { before: task.base.commit, after: change };
  const api = await compare({
    changes: await workspace.readChanges(change),
    paths: {
      before: await workspace.listFiles(commits.before),
      after: await workspace.listFiles(commits.after),
    },
    readFile: (when, path) => workspace.readFile(commits[when], path),
    findWord: (when, word) => workspace.findWord(commits[when], word),
  });
  if (!api) return null;
  const count = (level: string) => api.differences.filter((one) => one.level === level).length;
  const counts = {
    breaking: count('breaking'),
    dangerous: count('dangerous'),
    compatible: count('compatible'),
  };
  const event = { type: 'api-compared' as const, commit: change, ...counts };
  await appendEvent(d.db, task.runId, event, `api-compared-${change}`);
  return api;
}
