import type { RunHandle, Settled } from './run-handle.js';
import type { PreparedIssue, TestIssue, World } from './world.js';

export interface RunIssue extends Settled, TestIssue {
  run: RunHandle;
  /** The last text of the progress comment. */
  comment: string;
  pulls: ReturnType<World['github']['pullRequests']>;
}

/** Creates an issue, has `ada` label it, and waits until its run is settled. */
export async function runIssue(
  world: World,
  options: PreparedIssue & {
    /** Default: `backend`. */
    label?: string;
    /** Runs when the issue exists and has no label yet. */
    before?: (issue: TestIssue) => unknown;
    /** How long the run may take, in milliseconds. */
    patienceMs?: number;
  },
): Promise<RunIssue> {
  const issue = await world.prepareIssue(options);
  await options.before?.(issue);
  const run = await (await world.label(issue, options.label)).run();
  const settled = await run.settled(options.patienceMs);
  return {
    ...settled,
    ...issue,
    run,
    comment: world.progress(issue.name, issue.number),
    pulls: world.github.pullRequests(issue.name),
  };
}
