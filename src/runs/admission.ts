/** The limits of one user, one repository or the whole server. Null means no limit. */
export interface Limits {
  /** Maximum number of admitted runs that have not ended. */
  atOnce: number | null;
  /** The limits `runs`, `tokens` and `dollars` apply per day. A day starts at midnight UTC. */
  runs: number | null;
  tokens: number | null;
  dollars: number | null;
}

export type Scope = 'user' | 'repository' | 'server';

/** What one user, one repository or the whole server has used. The fields correspond to those of `Limits`. */
export interface Usage {
  atOnce: number;
  runs: number;
  /** Tokens spent today, plus the tokens that live runs may still spend. The same applies to `dollars`. */
  tokens: number;
  dollars: number;
}

export interface WaitingRun {
  id: string;
  /** GitHub's numeric id of the person who requested the run. */
  user: string;
  login: string;
  repository: string;
}

export interface Admission {
  admitted: WaitingRun[];
  /** The runs that were not admitted. Each reason is a clause that tells people why the run waits. */
  held: { run: WaitingRun; reason: string }[];
}

/** Returns the most that one run may spend, if its budget is extended. */
export function maxSpend({
  tokens,
  dollars,
  extension,
}: Record<'tokens' | 'dollars' | 'extension', number>): {
  tokens: number;
  dollars: number;
} {
  return { tokens: tokens * (1 + extension), dollars: dollars * (1 + extension) };
}

/**
 * Admits, in order, the waiting runs that fit within all limits. Each live run is treated as if it had
 * already spent its whole budget, so that the runs can never spend more than a limit allows.
 * @param usageOf returns today's usage. The key is the `user` or the `repository` of a WaitingRun, or '' for
 * the server.
 * @param budget the most that one run may spend
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
      ['user', run.user, `@${run.login}`],
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
      `${who} has ${runs(limits.atOnce)} in progress, which is the limit; this one starts when one of them ends`,
    ];
  if (beyond('runs'))
    return [`${who} has used today's limit of ${runs(limits.runs)}; this one starts after midnight UTC`];
  for (const name of ['tokens', 'dollars'] as const)
    if (beyond(name)) {
      const limit =
        name === 'dollars' ? `$${limits.dollars}` : `${limits.tokens?.toLocaleString('en')} tokens`;
      return [
        `too little is left of today's limit of ${limit} for ${who}, which includes what the runs in progress may still spend; this run starts when enough is left, or after midnight UTC`,
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
