import { type ChangedSetup, setUpChange } from '../../packages/set-up-change.js';
import type { Task } from '../../task/task.js';
import type { Workspace } from '../../workspace/workspace.js';

const minuteMs = 60_000;

/** The set-up of the change that was measured last in each workspace. It depends only on the commit. */
const opened = new WeakMap<Workspace, { commit: string; setUp: Promise<ChangedSetup | null> }>();

/**
 * Sets up the project with the packages of a change. Each machine does this once for a change.
 * @returns null if the change asks for the same packages as the base commit
 */
export async function openChangedSetup(
  task: Task,
  workspace: Workspace,
  commit: string,
): Promise<ChangedSetup | null> {
  const known = opened.get(workspace);
  if (known?.commit === commit) return known.setUp;
  const { base, settings } = task;
  const timeoutMs = settings.timeouts.setup * minuteMs;
  const before = known?.setUp.then((setUp) => setUp?.dispose());
  const setUp = (async () => {
    await before;
    return setUpChange(workspace, { baseCommit: base.commit, commit, settings, timeoutMs });
  })();
  opened.set(workspace, { commit, setUp });
  // A failed step runs again, so its error must not be kept.
  setUp.catch(() => opened.delete(workspace));
  return setUp;
}
