/** The result of an independent check. */
export interface Findings {
  pullRequests: number;
  /**
   * Issues that lack their pull request, comment or check run, and deliveries, runs and workflows that never
   * ended.
   */
  lost: number;
  /** Issues that have more than one of these, or more than one run. */
  duplicated: number;
  /** Replies that were requested from the model again after they had been stored. */
  paidTwice: number;
  /** A description of everything that is wrong, including what the counts above contain. */
  faults: string[];
}

export function noFindings(): Findings {
  return { pullRequests: 0, lost: 0, duplicated: 0, paidTwice: 0, faults: [] };
}

export function addFindings(all: readonly Findings[]): Findings {
  return all.reduce(
    (sum, one) => ({
      pullRequests: sum.pullRequests + one.pullRequests,
      lost: sum.lost + one.lost,
      duplicated: sum.duplicated + one.duplicated,
      paidTwice: sum.paidTwice + one.paidTwice,
      faults: [...sum.faults, ...one.faults],
    }),
    noFindings(),
  );
}
