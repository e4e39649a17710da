import type { LocalGitHub } from '../local-github/local-github.js';

/** How many answers were lost, by operation. */
export type LostAnswers = Record<string, number>;

/**
 * Makes GitHub lose some of its answers from now on: it does what a request asks and then answers 502 or
 * closes the connection. This happens to API requests and git requests, both reads and writes.
 */
export function loseAnswers(github: LocalGitHub, share: number, random: () => number): LostAnswers {
  const lost: LostAnswers = {};
  github.failBy(({ operation }) => {
    if (operation === null || random() >= share) return null;
    lost[operation] = (lost[operation] ?? 0) + 1;
    return random() < 0.5 ? { status: 502, afterEffect: true } : { cut: true, afterEffect: true };
  });
  return lost;
}
