/** The result of checking one issue or the database after the kills. */
export interface Findings {
  pullRequests: number;
  /**
   * Number of issues without a pull request, progress comment or check run, plus the number of deliveries,
   * runs and workflows that never ended.
   */
  lost: number;
  /** Number of issues with more than one pull request, progress comment, check run or run. */
  duplicated: number;
  /** Number of times that the app requested a model reply that it had already stored. */
  paidTwice: number;
  /** One description for each fault, including the faults that the fields above count. */
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
