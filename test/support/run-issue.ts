import type { PreparedIssue, Settled, World } from './start-world.js';

export interface RunIssue extends Settled {
  name: string;
  number: number;
  title: string;
  /** The progress comment's last text. */
  comment: string;
  pulls: ReturnType<World['github']['pullRequests']>;
}

/** Makes an issue, has `ada` ask for its work, and waits until people were told how it ended. */
export async function runIssue(
  world: World,
  options: PreparedIssue & {
    /** The label that she puts on; `backend` when left out. */
    label?: string;
    /** Done when the issue is there and nothing was asked for yet. */
    before?: (issue: { name: string; number: number; title: string }) => unknown;
  },
): Promise<RunIssue> {
  const { name, number, title } = await world.prepareIssue(options);
  await options.before?.({ name, number, title });
  await world.github.label(name, number, options.label ?? 'backend', 'ada');
  const settled = await world.settled(name, number);
  return {
    ...settled,
    name,
    number,
    title,
    comment: world.progress(name, number),
    pulls: world.github.pullRequests(name),
  };
}
