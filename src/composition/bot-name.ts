import type { Config } from '../config/read-config.js';
import { createGitHub } from '../github/github.js';
import type { Log } from '../log.js';

/**
 * Finds the name by which people mention the bot, such as `pullwright`. A delivery must not wait for GitHub,
 * so the name is found beside the deliveries. Until then, mentions do not count.
 * @returns a function that returns the name; null while it is not known
 */
export function findBotName(config: Config, log: Log, now: () => Date): () => string | null {
  // This client only reads the App's own name, so it needs neither a lease nor a search for credentials.
  const github = createGitHub({
    ...config,
    ...{ log, now, beforeRequest: async () => {}, holdsSecret: () => false },
  });
  let name: string | null = null;
  let isAsking = false;
  const ask = () => {
    if (isAsking) return;
    isAsking = true;
    github
      .bot()
      .then(
        (bot) => {
          name = bot.name;
        },
        (err: unknown) => log.debug({ err }, "could not read the App's name"),
      )
      .finally(() => {
        isAsking = false;
      });
  };
  ask();
  return () => {
    if (name === null) ask();
    return name;
  };
}
