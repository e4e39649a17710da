import type { TestRun } from '../../../evidence/evidence.js';
import { findLeftBehind, type Writers } from '../../../evidence/find-left-behind.js';
import type { Work } from '../../../runs/work.js';
import type { Task } from '../../../task/task.js';
import type { Dependencies } from '../../dependencies.js';
import { openWorkspace } from '../open-workspace.js';
import type { ProjectSetup } from '../project-setup.js';

/** The agent's change, apart from what running the tests or a build left behind. */
export interface FoundChange {
  /** The commit in the workspace that contains the change. */
  change: string;
  /** Paths that differ in the agent's tree, and that the change leaves out. */
  leftOut: string[];
}

/**
 * Finds the agent's change: its last checkpoint, without the files that the tests or other tools wrote.
 * @returns null if the agent changed nothing
 */
export async function findChange(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  work: Work,
  before: TestRun | null,
): Promise<FoundChange | null> {
  const { checkpoint } = work;
  if (!checkpoint || checkpoint === task.base.commit) return null;
  const workspace = await openWorkspace(d.workspaces, task, project);
  const { diffBase } = task.start;
  const changes = await workspace.readChanges(checkpoint, diffBase);
  const { nestedRepositories, refusedPaths, tooLarge } = await workspace.readOmittedPaths(checkpoint);
  if ([changes, nestedRepositories, refusedPaths, tooLarge].flat().length === 0) return null;
  // A merge can change any file, and the agent resolves it with commands.
  const leftOut = task.feedback?.kind === 'conflict' ? [] : findLeftBehind(changes, writersOf(work, before));
  const change = leftOut.length === 0 ? checkpoint : await workspace.leaveOut(checkpoint, leftOut, diffBase);
  return { change, leftOut };
}

/** Returns who wrote the files of the agent's tree, as far as it is known before the change is tested. */
export function writersOf({ edited, keep, testsWrote }: Work, before: TestRun | null): Writers {
  return { edited, keep, testsWrote, beforeWrote: before?.wrote ?? [] };
}
