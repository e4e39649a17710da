import { expect, test } from '@jest/globals';
import { runShortChaos } from '../../../chaos/run-short-chaos.js';

/** Starts of the app and of Postgres, one after another: on a busy machine they take their time. */
const patienceMs = 300_000;

test(
  'four kills within steps, two database restarts and lost responses lose nothing, double nothing and pay for nothing twice',
  async () => {
    const { findings, ...rest } = await runShortChaos({ issues: 2, seed: 7 });
    expect(rest).toEqual({ kills: 4, databaseRestarts: 2, neverReached: [] });
    expect(findings).toEqual({ pullRequests: 2, lost: 0, duplicated: 0, paidTwice: 0, faults: [] });
  },
  patienceMs,
);
