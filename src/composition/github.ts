import type { Config } from '../config/read-config.js';
import type { Queryable } from '../database/queryable.js';
import { createGitHub, type GitHub } from '../github/github.js';
import type { Log } from '../log.js';
import { holdsActiveSecret } from '../secrets/find-secrets.js';
import { createPublisher, type Publisher } from '../workflows/run/publisher.js';

/** The objects that send data to GitHub, and the credentials that the data must not contain. */
export interface GitHubParts {
  github: GitHub;
  publisher: Publisher;
  activeSecrets: () => string[];
}

export function composeGitHub(options: {
  config: Config;
  db: Queryable;
  /** Returns the credentials of this process. */
  secrets: () => readonly string[];
  confirmLease: () => Promise<void>;
  log: Log;
  now: () => Date;
}): GitHubParts {
  const { config, db, secrets, confirmLease, log, now } = options;
  const activeSecrets = (): string[] => [...secrets(), ...github.activeTokens()];
  const github = createGitHub({
    ...config,
    log,
    now,
    beforeRequest: confirmLease,
    holdsSecret: (text) => holdsActiveSecret(text, activeSecrets()),
  });
  const publisher = createPublisher({ db, github, activeSecrets, log, now });
  return { github, publisher, activeSecrets };
}
