/** What one person, one repository or the whole server may have; null: no limit. */
export interface Limits {
  /** Runs at once, waiting for a worker or worked on. */
  atOnce: number | null;
  /** The others are of one day, from midnight UTC. */
  runs: number | null;
  tokens: number | null;
  dollars: number | null;
}

export type Scope = 'person' | 'repository' | 'server';

/** What was used. */
export interface Usage {
  atOnce: number;
  runs: number;
  /** Those that were spent today, and those that the runs which are going may still spend. */
  tokens: number;
  dollars: number;
}

export interface WaitingRun {
  id: string;
  /** GitHub's number of who asked for it. */
  person: string;
  login: string;
  repository: string;
}

export interface Admission {
  admitted: WaitingRun[];
  /** Why the others have to wait: a clause for people. */
  held: { run: WaitingRun; reason: string }[];
}

/**
 * Goes through the waiting runs in their order and lets in whom no limit holds back. A run counts with all that it may
 * spend until it has ended: a limit of money holds whatever happens meanwhile.
 * @param usageOf what a person, a repository (by the keys of WaitingRun) or the server (key '') has used today
 * @param budget what one run may spend
 */
export function decideAdmission(
  waiting: readonly WaitingRun[],
  usageOf: (scope: Scope, key: string) => Usage,
  limits: Readonly<Record<Scope, Limits>>,
  budget: { tokens: number; dollars: number },
): Admission {
  const admission: Admission = { admitted: [], held: [] };
  const used = new Map<string, Usage>();
  const one: Usage = { atOnce: 1, runs: 1, ...budget };
  const read = (scope: Scope, key: string) => used.get(`${scope} ${key}`) ?? usageOf(scope, key);
  for (const run of waiting) {
    const places = [
      ['person', run.person, `@${run.login}`],
      ['repository', run.repository, 'this repository'],
      ['server', '', 'this server'],
    ] as const;
    const reason = places.flatMap(([scope, key, who]) =>
      findHoldReason(read(scope, key), one, limits[scope], who),
    )[0];
    if (reason) admission.held.push({ run, reason });
    else {
      admission.admitted.push(run);
      for (const [scope, key] of places) used.set(`${scope} ${key}`, add(read(scope, key), one));
    }
  }
  return admission;
}

function findHoldReason(used: Usage, one: Usage, limits: Limits, who: string): string[] {
  const beyond = (name: keyof Limits) => {
    const limit = limits[name];
    return limit !== null && used[name] + one[name] > limit;
  };
  if (beyond('atOnce'))
    return [
      `${who} has ${runs(limits.atOnce)} going, the most at once; this one starts when one of them has ended`,
    ];
  if (beyond('runs'))
    return [`${who} has had the ${runs(limits.runs)} of one day; this one starts after midnight UTC`];
  for (const name of ['tokens', 'dollars'] as const)
    if (beyond(name)) {
      const limit =
        name === 'dollars' ? `$${limits.dollars}` : `${limits.tokens?.toLocaleString('en')} tokens`;
      return [
        `the ${limit} that ${who} may spend in a day are spent, or set aside for runs that are going; this one starts when one of them has left enough, or after midnight UTC`,
      ];
    }
  return [];
}

function runs(count: number | null): string {
  return `${count} ${count === 1 ? 'run' : 'runs'}`;
}

function add(one: Usage, other: Usage): Usage {
  return {
    atOnce: one.atOnce + other.atOnce,
    runs: one.runs + other.runs,
    tokens: one.tokens + other.tokens,
    dollars: one.dollars + other.dollars,
  };
}
