/** What an independent reading found. */
export interface Findings {
  pullRequests: number;
  /** Issues without their one pull request, comment or check run; deliveries, runs or workflows that never came to an end. */
  lost: number;
  /** Issues with more than one of them, or of runs. */
  doubled: number;
  /** Replies of the model that were asked for again after they were stored. */
  boughtTwice: number;
  /** Everything that is wrong, in words; what is counted above is named here too. */
  faults: string[];
}

export function noFindings(): Findings {
  return { pullRequests: 0, lost: 0, doubled: 0, boughtTwice: 0, faults: [] };
}

export function addFindings(all: readonly Findings[]): Findings {
  return all.reduce(
    (sum, one) => ({
      pullRequests: sum.pullRequests + one.pullRequests,
      lost: sum.lost + one.lost,
      doubled: sum.doubled + one.doubled,
      boughtTwice: sum.boughtTwice + one.boughtTwice,
      faults: [...sum.faults, ...one.faults],
    }),
    noFindings(),
  );
}
