import { expect, test } from '@jest/globals';
import { runShortChaos } from '../../chaos/run-short-chaos.js';

test('six kills in the middle of steps, two restarts of the database and lost answers: nothing is lost, doubled or bought twice', async () => {
  const { findings, ...rest } = await runShortChaos({ issues: 3, seed: 7 });
  expect(rest).toEqual({ kills: 6, databaseRestarts: 2, neverReached: [] });
  expect(findings).toEqual({ pullRequests: 3, lost: 0, doubled: 0, boughtTwice: 0, faults: [] });
});
