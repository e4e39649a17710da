import { appendEvent, readEvents } from '../../database/run-events.js';
import type { Finding } from '../../evidence/evidence.js';
import { scanSecrets } from '../../evidence/scan/scan-secrets.js';
import type { Task } from '../../task/task.js';
import type { Workspace } from '../../workspace/workspace.js';
import type { Dependencies } from '../dependencies.js';
import { secretRules } from './secret-rules.js';

/**
 * Searches submitted work for text that looks like a credential. Sends the work back to the agent at most
 * once in each run. After that, accepts the work, and the pull request shows the places to reviewers.
 * @param commit the checkpoint with the work
 * @returns why the work is not accepted yet, in sentences for the agent; null if it is accepted
 */
export async function findSubmissionFault(
  d: Dependencies,
  task: Task,
  workspace: Workspace,
  turn: number,
  commit: string,
): Promise<string | null> {
  const events = await readEvents(d.db, task.runId);
  // If an earlier turn recorded this event, the work has already been sent back once. An event of the current
  // turn does not count, because this step may have recorded it in an attempt that ended in a crash.
  if (events.some(({ event }) => event.type === 'submission-returned' && event.turn < turn)) return null;
  const since = task.start.diffBase;
  const reader = {
    readBlob: (blob: string) => workspace.readBlob(blob),
    addedLines: (file: string) => workspace.readAddedLines(commit, file, since),
  };
  const changes = await workspace.readChanges(commit, since);
  const findings = await scanSecrets(changes, reader, await secretRules(d, task));
  const lookAlikes = findings.filter(({ severity }) => severity === 'mark');
  if (lookAlikes.length === 0) return null;
  await appendEvent(d.db, task.runId, { type: 'submission-returned', turn, places: lookAlikes.length });
  return describeFault(lookAlikes);
}

const maxListed = 20;

function describeFault(lookAlikes: readonly Finding[]): string {
  const places = lookAlikes
    .slice(0, maxListed)
    .map(({ path, line, says }) => `- ${path}${line ? `:${line}` : ''} ${says}`);
  if (lookAlikes.length > maxListed) places.push(`- and ${lookAlikes.length - maxListed} more`);
  return [
    'your change contains what looks like credentials.',
    ...places,
    'Remove each of them: read the value from the environment or, in tests and examples, use one that is ' +
      'obviously fake. Then call submit again. If one must stay, submit without changing it. The pull ' +
      'request then becomes a draft that shows the place to reviewers. You will not get this message again.',
  ].join('\n');
}
