import { findTouchedPaths, renderFolderInstructions } from '../../../agent/folder-instructions.js';
import { noticeIgnored } from '../../../agent/ignored-files.js';
import type { Action } from '../../../agent/turn.js';
import { readEvents } from '../../../database/run-events.js';
import type { Reply } from '../../../model/model.js';
import { listInstructionPaths, readInstructionFiles } from '../../../task/repository-instructions.js';
import type { Task } from '../../../task/task.js';
import type { Mirror, Workspace } from '../../../workspace/workspace.js';
import type { Dependencies } from '../../dependencies.js';

interface Notices {
  /** Blocks to add to the results of the turn. */
  blocks: Action['results'];
  /** Paths of the instruction files that were read for the blocks. */
  instructions: string[];
}

/** Maximum number of instruction files of folders in one run. */
const maxFiles = 20;
/** Maximum length of the instructions that one turn adds, in characters. */
const maxCharacters = 60_000;

/** Collects what the agent must hear about what it did in a turn. */
export async function collectNotices(
  d: Dependencies,
  task: Task,
  workspace: Workspace,
  turn: number,
  reply: Reply,
): Promise<Notices> {
  const { base, repository } = task;
  const mirror = d.mirrors.open(repository);
  const instructions = await findFolderInstructions(d, task, turn, reply, mirror);
  const read = (file: string) => mirror.readFile(base.commit, file);
  const found = await readInstructionFiles(instructions, read, maxCharacters);
  const ignored = await noticeIgnored(workspace.newlyIgnored, reply, workspace);
  return { blocks: [...renderFolderInstructions(found), ...ignored], instructions };
}

/**
 * Finds the instruction files for the folders that the agent touches for the first time in this turn. They
 * come from the base commit, because the agent may have changed its own copies.
 */
async function findFolderInstructions(
  { db }: Dependencies,
  { runId, base, repositoryInstructions }: Task,
  turn: number,
  reply: Reply,
  mirror: Mirror,
): Promise<string[]> {
  const candidates = listInstructionPaths(findTouchedPaths(reply));
  if (candidates.length === 0) return [];
  const known = new Set(repositoryInstructions.map(({ path }) => path));
  const existing = new Set(await mirror.listFiles(base.commit, candidates));
  const wanted = candidates.filter((path) => existing.has(path) && !known.has(path));
  if (wanted.length === 0) return [];
  const shown = new Set(
    // An event of the current turn does not count: the step may have recorded it before a crash.
    (await readEvents(db, runId)).flatMap(({ event }) =>
      event.type === 'acted' && event.turn < turn ? event.instructions : [],
    ),
  );
  return wanted.filter((path) => !shown.has(path)).slice(0, Math.max(0, maxFiles - shown.size));
}
