import type { LocalGitHub } from '../local-github/local-github.js';

/** Operation -> how many of its answers were lost. */
export type LostAnswers = Record<string, number>;

/**
 * From now on GitHub does what it is asked, and then, at times, the answer is lost: a 502, or a connection that ends. API
 * requests of every kind and git's are meant, whether they read or write.
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
