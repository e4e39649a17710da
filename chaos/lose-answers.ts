import type { LocalGitHub } from '../local-github/local-github.js';

/** Number of lost responses, by operation. */
export type LostAnswers = Record<string, number>;

/**
 * Makes GitHub lose some of its responses from now on. GitHub executes the request, but then responds with
 * 502 or closes the connection. This affects API requests and git requests, both reads and writes.
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
